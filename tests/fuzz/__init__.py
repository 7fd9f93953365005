"""Whatever a dump holds, the core answers with a result or with one sentence, soon and in bounded memory."""
