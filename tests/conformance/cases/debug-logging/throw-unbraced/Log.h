#define TC_LOG_ERROR(filterType__, message__, ...) TC_LOG_MESSAGE_BODY(filterType__, LOG_LEVEL_ERROR, message__, ##__VA_ARGS__)
#define TC_LOG_DEBUG(filterType__, message__, ...) TC_LOG_MESSAGE_BODY(filterType__, LOG_LEVEL_DEBUG, message__, ##__VA_ARGS__)
