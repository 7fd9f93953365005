#include "Log.h"
#include <utility>

Log* Log::instance()
{
    static Log log;
    return &log;
}

std::string Log::FormatLine(std::time_t time, LogLevel level, std::string_view filter, std::string_view text)
{
    static constexpr char const* Levels[] = { "", "TRACE", "DEBUG", "INFO ", "WARN ", "ERROR" };

    std::tm local{};
    localtime_r(&time, &local);
    char stamp[32];
    std::strftime(stamp, sizeof(stamp), "%Y-%m-%d_%H:%M:%S", &local);
    return Trinity::StringFormat("{} {} [{}] {}\n", stamp, Levels[level], filter, text);
}

bool Log::Open(std::string const& logsDir)
{
    Close();
    m_server = std::fopen((logsDir + "/Server.log").c_str(), "w");
    m_playerbot = std::fopen((logsDir + "/Playerbot.log").c_str(), "w");
    return m_server && m_playerbot;
}

void Log::Close()
{
    for (std::FILE** file : { &m_server, &m_playerbot })
        if (*file)
            std::fclose(std::exchange(*file, nullptr));
}

void Log::OutMessage(std::string_view filter, LogLevel level, std::string_view text)
{
    std::string const line = FormatLine(std::time(nullptr), level, filter, text);

    std::lock_guard<std::mutex> lock(m_lock);
    std::FILE* file = filter.substr(0, 9) == "playerbot" ? m_playerbot : m_server;
    std::fputs(line.c_str(), file);
    std::fflush(file);
}
