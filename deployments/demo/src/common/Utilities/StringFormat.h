#ifndef TRINITYCORE_STRING_FORMAT_H
#define TRINITYCORE_STRING_FORMAT_H

#include <string>
#include <string_view>
#include <type_traits>

namespace Trinity
{
    template<typename T>
    void AppendNext(std::string& out, std::string_view& format, T const& value)
    {
        std::size_t const place = format.find("{}");
        if (place == std::string_view::npos)
            return;

        out.append(format.substr(0, place));
        format.remove_prefix(place + 2);

        if constexpr (std::is_convertible_v<T const&, std::string_view>)
            out.append(std::string_view(value));
        else
            out.append(std::to_string(value));
    }

    /// Replaces each {} by the next argument; arguments without a place are left out.
    template<typename... Args>
    std::string StringFormat(std::string_view format, Args const&... args)
    {
        std::string out;
        (AppendNext(out, format, args), ...);
        return out.append(format);
    }
}

#endif
