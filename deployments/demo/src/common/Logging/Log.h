#ifndef TRINITYCORE_LOG_H
#define TRINITYCORE_LOG_H

#include "Define.h"
#include "StringFormat.h"
#include <cstdio>
#include <ctime>
#include <mutex>

enum LogLevel : uint8
{
    LOG_LEVEL_DEBUG = 2,
    LOG_LEVEL_INFO  = 3,
    LOG_LEVEL_WARN  = 4,
    LOG_LEVEL_ERROR = 5
};

/// Two file appenders with timestamp, level and filter: Playerbot.log for the playerbot loggers, Server.log for the others.
class Log
{
public:
    ~Log() { Close(); }

    static Log* instance();
    static std::string FormatLine(std::time_t time, LogLevel level, std::string_view filter, std::string_view text);

    /// Truncates both files; false, with errno set, when one cannot be written.
    bool Open(std::string const& logsDir);
    void Close();
    void OutMessage(std::string_view filter, LogLevel level, std::string_view text);
    bool ShouldLog(LogLevel level) const { return m_server && level >= LOG_LEVEL_INFO; }

private:
    std::mutex m_lock;
    std::FILE* m_server = nullptr;
    std::FILE* m_playerbot = nullptr;
};

#define sLog Log::instance()

#define TC_LOG_MESSAGE_BODY(filter, level, ...) \
    do { if (sLog->ShouldLog(level)) sLog->OutMessage(filter, level, Trinity::StringFormat(__VA_ARGS__)); } while (0)
#define TC_LOG_DEBUG(filter, ...) TC_LOG_MESSAGE_BODY(filter, LOG_LEVEL_DEBUG, __VA_ARGS__)
#define TC_LOG_INFO(filter, ...) TC_LOG_MESSAGE_BODY(filter, LOG_LEVEL_INFO, __VA_ARGS__)
#define TC_LOG_WARN(filter, ...) TC_LOG_MESSAGE_BODY(filter, LOG_LEVEL_WARN, __VA_ARGS__)
#define TC_LOG_ERROR(filter, ...) TC_LOG_MESSAGE_BODY(filter, LOG_LEVEL_ERROR, __VA_ARGS__)

#endif
