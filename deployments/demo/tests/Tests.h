#ifndef TESTS_H
#define TESTS_H

/// A static object of this type puts its test into the table of the runner.
struct TestRegistration
{
    TestRegistration(char const* name, void (*run)());
};

/// Notes a failure, and lets the test go on.
void Check(bool passed, char const* file, int line);

#define CHECK(condition) Check((condition), __FILE__, __LINE__)

#define TEST_CONCAT_(a, b) a##b
#define TEST_CONCAT(a, b) TEST_CONCAT_(a, b)

/// The name stands between the quotes on one line: CMake reads it there.
#define TEST_CASE(name) \
    static void TEST_CONCAT(Test, __LINE__)(); \
    static TestRegistration const TEST_CONCAT(Registration, __LINE__)(name, &TEST_CONCAT(Test, __LINE__)); \
    static void TEST_CONCAT(Test, __LINE__)()

#endif
