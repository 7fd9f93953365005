#include "Tests.h"
#include <cstdio>
#include <cstring>
#include <vector>

namespace
{
    struct Test
    {
        char const* Name;
        void (*Run)();
    };

    std::vector<Test>& Tests()
    {
        static std::vector<Test> tests;
        return tests;
    }

    int Failures = 0;
}

TestRegistration::TestRegistration(char const* name, void (*run)())
{
    Tests().push_back({ name, run });
}

void Check(bool passed, char const* file, int line)
{
    if (passed)
        return;

    ++Failures;
    std::fprintf(stderr, "%s:%d: check failed\n", file, line);
}

/// Runs the tests that are named, or all.
int main(int argc, char** argv)
{
    int found = 0;
    for (Test const& test : Tests())
    {
        bool wanted = argc < 2;
        for (int i = 1; i < argc; ++i)
            wanted |= !std::strcmp(argv[i], test.Name);

        if (!wanted)
            continue;

        ++found;
        test.Run();
    }

    std::printf("%d tests, %d failed checks\n", found, Failures);
    return Failures || !found;
}
