ATTR_NORETURN void Fatal::Raise(Reporter* reporter)
{
    TC_LOG_FATAL("server", "The world is broken");
    reporter->Throw();
}
