// libsystemc.so carries a main() that calls sc_main(). Our programs have a main() of their own and
// call sc_start() from it, so sc_main is never reached; the linker only wants it to exist.
extern "C" __attribute__((weak, visibility("default"))) int sc_main(int /*argc*/, char** /*argv*/) {
  return 1;
}
