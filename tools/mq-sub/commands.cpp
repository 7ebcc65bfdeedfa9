#include "tools/mq-sub/commands.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

namespace mq_sub {
namespace {

std::error_code last_error() { return {errno, std::generic_category()}; }

/// A file in memory with the payload, to be read from its beginning: unlike a pipe it takes all of
/// it at once, and a command that reads nothing keeps nobody waiting. -1: see errno.
int payload_file(std::string_view payload) {
  const int fd = ::memfd_create("payload", MFD_CLOEXEC);
  std::size_t written = 0;
  while (fd >= 0 && written < payload.size()) {
    const ssize_t count = ::write(fd, payload.data() + written, payload.size() - written);
    if (count < 0 && errno != EINTR) {
      const int error = errno;
      ::close(fd);
      errno = error;
      return -1;
    }
    if (count > 0) written += static_cast<std::size_t>(count);
  }
  if (fd >= 0) ::lseek(fd, 0, SEEK_SET);
  return fd;
}

/// Our environment with a message's variables in it.
std::vector<std::string> environment(const mqtt::Publish& message) {
  std::vector<std::string> variables = {
      fmt::format("MQTT_TOPIC={}", message.topic.view()),
      fmt::format("MQTT_QOS={}", static_cast<unsigned>(message.qos)),
      fmt::format("MQTT_RETAIN={}", message.retain ? 1 : 0)};
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const auto is_ours = [&](std::string_view name) { return text.starts_with(name); };
    if (is_ours("MQTT_TOPIC=") || is_ours("MQTT_QOS=") || is_ours("MQTT_RETAIN=")) continue;
    variables.emplace_back(text);
  }
  return variables;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> result;
  for (std::string& word : words) result.push_back(word.data());
  result.push_back(nullptr);
  return result;
}

/// What the new process gets: the payload as standard input, no other descriptor of ours, and the
/// signals as they were before this process ignored some.
class SpawnPlan {
 public:
  explicit SpawnPlan(int input) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    ::posix_spawnattr_init(&attributes_);
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::sigaddset(&signals, SIGPIPE);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    // A process group of its own: Ctrl-C is for us, who wait for the command.
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  /// The process id, or -1: see errno.
  pid_t run(std::vector<std::string>& words, std::vector<std::string>& variables) const {
    pid_t pid = -1;
    errno = ::posix_spawnp(&pid, words[0].c_str(), &actions_, &attributes_, pointers(words).data(),
                           pointers(variables).data());
    return errno == 0 ? pid : -1;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

/// A process that runs; the loop tells when its descriptor becomes readable: it has ended.
struct Commands::Running final : mqtt::net::Loop::Watcher {
  Running(Commands& its_owner, pid_t its_pid, std::uint64_t its_number)
      : owner(its_owner), pid(its_pid), number(its_number) {}
  ~Running() override {
    if (descriptor < 0) return;
    owner.loop_.unwatch(descriptor, *this);
    ::close(descriptor);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  std::error_code watch() {
    descriptor = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
    return descriptor < 0 ? last_error() : owner.loop_.watch(descriptor, *this, EPOLLIN);
  }
  void on_ready(std::uint32_t) override { owner.ended(*this); }

  Commands& owner;
  pid_t pid;
  std::uint64_t number;
  int descriptor = -1;
};

Commands::Commands(mqtt::net::Loop& loop, std::vector<std::string> words, Handler& handler)
    : loop_(loop), words_(std::move(words)), handler_(handler) {
  // Who started us may have it ignored: then no child's end could be heard of.
  std::signal(SIGCHLD, SIG_DFL);
}

Commands::~Commands() {
  for (const auto& command : running_) ::kill(-command->pid, SIGTERM);
}

std::error_code Commands::start(const mqtt::Publish& message, std::uint64_t number) {
  const int input = payload_file(message.payload.view());
  if (input < 0) return last_error();
  std::vector<std::string> variables = environment(message);
  const pid_t pid = SpawnPlan(input).run(words_, variables);
  std::error_code error = pid < 0 ? last_error() : std::error_code();
  ::close(input);
  if (error) return error;
  auto running = std::make_unique<Running>(*this, pid, number);
  error = running->watch();
  if (!error) {
    running_.push_back(std::move(running));
  } else {
    // Its end could not be heard of.
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  return error;
}

void Commands::ended(Running& command) {
  int status = 0;
  if (::waitpid(command.pid, &status, WNOHANG) == 0) return;
  const std::uint64_t number = command.number;
  std::erase_if(running_, [&](const auto& running) { return running.get() == &command; });
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  handler_.on_command_ended(number, {.exit_code = WEXITSTATUS(status), .signal = signal});
}

}  // namespace mq_sub
