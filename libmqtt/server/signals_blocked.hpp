#pragma once

#include <pthread.h>

#include <csignal>

namespace mqtt::server {

/// Signals are the loop's thread's: around the making of another thread, which inherits the mask
/// and then gets none but those that tell of its own faults. In such a thread a write beyond a
/// limit of file sizes fails, where SIGXFSZ would end the process.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t blocked;
    ::sigfillset(&blocked);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) ::sigdelset(&blocked, fault);
    ::pthread_sigmask(SIG_SETMASK, &blocked, &before_);
  }
  ~SignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace mqtt::server
