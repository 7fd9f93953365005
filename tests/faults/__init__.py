"""What goes wrong around a fix, made to happen: each fault ends in a state with a reason, and the next run goes on."""
