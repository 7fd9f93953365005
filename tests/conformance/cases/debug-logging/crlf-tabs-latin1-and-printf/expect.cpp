// Prüft die Kinder
void Tree::Split(uint32 count, int depth)
{
	TC_LOG_INFO("server", "split %u objects", count);
	for (uint32 i = 0; i < count; ++i) {
		if (depth > 64) {
			TC_LOG_ERROR("server", "Tree::Split: too deep: depth %d, i %u, count %u", depth, i, count);
			throw std::runtime_error("too deep");
		}
	}
}
