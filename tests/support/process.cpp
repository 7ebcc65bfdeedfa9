#include "tests/support/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>

extern "C" {  // glibc 2.36 forgot to say so itself
#include <sys/pidfd.h>
}

namespace support {
namespace {

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

void make_non_blocking(const Descriptor& descriptor) {
  ::fcntl(descriptor.number(), F_SETFL, O_NONBLOCK);
}

std::vector<std::string> clean_environment(const std::vector<std::string>& extra) {
  std::vector<std::string> result{"LC_ALL=C.UTF-8", "TZ=UTC", "HOME=/nonexistent",
                                  "XDG_CONFIG_HOME=/nonexistent"};
  // /usr/sbin is where Debian keeps mosquitto, and not in every user's PATH.
  const char* path = std::getenv("PATH");
  result.push_back("PATH=" + std::string(path ? path : "/usr/bin:/bin") + ":/usr/sbin");
  for (const char* name : {"TMPDIR", "ASAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS"}) {
    if (const char* value = std::getenv(name)) result.push_back(name + ("=" + std::string(value)));
  }
  for (const std::string& variable : extra) {
    // Of two with a name some programs take the first, others the last.
    const std::string name = variable.substr(0, variable.find('=') + 1);
    std::erase_if(result, [&](const std::string& other) { return other.starts_with(name); });
  }
  result.insert(result.end(), extra.begin(), extra.end());
  return result;
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (auto& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

int exit_code(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

std::string tool(std::string_view name) { return MQ_BIN_DIR "/" + std::string(name); }

Exit run(Command command) { return Process(std::move(command)).wait(); }

Process::Process(Command command)
    : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      pending_input_(std::move(command.input)),
      closes_input_(!command.keep_input_open) {
  std::signal(SIGPIPE, SIG_IGN);  // a process that closes its stdin must not end the test
  spawn(command);
  thread_ = std::thread([this] { pump(); });
}

Process::~Process() {
  signal(SIGKILL);
  thread_.join();
}

void Process::spawn(const Command& command) {
  auto [child_input, input] = make_pipe();
  auto [out, child_out] = make_pipe();
  auto [err, child_err] = make_pipe();
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, child_input.number(), 0);
  if (command.output_file.empty()) {
    ::posix_spawn_file_actions_adddup2(&files, child_out.number(), 1);
  } else {
    ::posix_spawn_file_actions_addopen(&files, 1, command.output_file.c_str(), O_WRONLY, 0);
  }
  ::posix_spawn_file_actions_adddup2(&files, child_err.number(), 2);

  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t signals;
  ::sigemptyset(&signals);
  ::posix_spawnattr_setsigmask(&attributes, &signals);
  for (int number : {SIGPIPE, SIGINT, SIGTERM}) ::sigaddset(&signals, number);
  ::posix_spawnattr_setsigdefault(&attributes, &signals);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  auto arguments = command.argv;
  auto environment = clean_environment(command.environment);
  const int error = ::posix_spawnp(&pid_, arguments.front().c_str(), &files, &attributes,
                                   pointers(arguments).data(), pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    err_.text = "cannot start " + arguments.front() + "\n";
    status_ = 127;
    return;
  }
  process_ = Descriptor(::pidfd_open(pid_, 0));
  input_ = std::move(input);
  out_.pipe = std::move(out);
  err_.pipe = std::move(err);
  for (const auto* descriptor : {&input_, &out_.pipe, &err_.pipe}) make_non_blocking(*descriptor);
}

void Process::pump() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (closes_output_) out_.pipe.close();
    if (pending_input_.empty() && closes_input_) input_.close();
    is_finished_ = status_ && !out_.pipe.is_open() && !err_.pipe.is_open();
    changed_.notify_all();
    if (is_finished_) return;

    // poll() ignores negative descriptors.
    std::array<pollfd, 5> polled{
        pollfd{wake_.number(), POLLIN, 0}, pollfd{status_ ? -1 : process_.number(), POLLIN, 0},
        pollfd{out_.pipe.number(), POLLIN, 0}, pollfd{err_.pipe.number(), POLLIN, 0},
        pollfd{pending_input_.empty() ? -1 : input_.number(), POLLOUT, 0}};
    lock.unlock();
    ::poll(polled.data(), polled.size(), -1);
    lock.lock();

    std::uint64_t wakes = 0;
    if (polled[0].revents != 0 && ::read(wake_.number(), &wakes, sizeof wakes) < 0) continue;
    if (polled[1].revents != 0) reap();
    if (polled[2].revents != 0) read_from(out_);
    if (polled[3].revents != 0) read_from(err_);
    if (polled[4].revents != 0) write_input();
  }
}

void Process::read_from(Stream& stream) {
  if (!stream.pipe.is_open()) return;
  std::array<char, 65536> buffer;
  const auto count = ::read(stream.pipe.number(), buffer.data(), buffer.size());
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) return stream.pipe.close();
  const std::string_view piece(buffer.data(), static_cast<std::size_t>(count));
  stream.text += piece;
  stream.lines += static_cast<std::size_t>(std::count(piece.begin(), piece.end(), '\n'));
}

void Process::write_input() {
  const auto count = ::write(input_.number(), pending_input_.data(), pending_input_.size());
  if (count > 0) {
    pending_input_.erase(0, static_cast<std::size_t>(count));
  } else if (errno != EAGAIN && errno != EINTR) {
    pending_input_.clear();
    input_.close();
  }
}

void Process::reap() {
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) == pid_) status_ = exit_code(status);
}

void Process::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(wake_.number(), &one, sizeof one);
}

void Process::write(std::string_view text) {
  const std::scoped_lock lock(mutex_);
  pending_input_ += text;
  wake();
}

void Process::close_input() {
  const std::scoped_lock lock(mutex_);
  closes_input_ = true;
  wake();
}

void Process::close_output() {
  std::unique_lock lock(mutex_);
  closes_output_ = true;
  wake();
  changed_.wait(lock, [this] { return !out_.pipe.is_open(); });
}

bool Process::is_running() const {
  const std::scoped_lock lock(mutex_);
  return !status_;
}

void Process::signal(int number) {
  const std::scoped_lock lock(mutex_);
  if (!status_) ::kill(pid_, number);
}

void Process::suspend(std::chrono::milliseconds time) {
  signal(SIGSTOP);
  siginfo_t info{};
  ::waitid(P_PID, static_cast<id_t>(pid_), &info, WSTOPPED | WEXITED | WNOWAIT);
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [this] { return is_finished_; });
  if (!status_) ::kill(pid_, SIGCONT);
}

Exit Process::wait(std::chrono::seconds patience) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, patience, [this] { return is_finished_; })) {
    if (!status_) ::kill(pid_, SIGKILL);
    return {-1, out_.text, err_.text + "(hung, and was killed)\n"};
  }
  return {*status_, out_.text, err_.text};
}

bool Process::wait_for_lines(std::size_t count, std::chrono::seconds patience) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return out_.lines >= count || !out_.pipe.is_open(); });
  return out_.lines >= count;
}

std::optional<std::string> Process::wait_for(Stream& stream, std::string_view part,
                                             std::chrono::seconds patience) {
  std::unique_lock lock(mutex_);
  std::optional<std::string> line;
  changed_.wait_for(lock, patience, [&] {
    line = next_line(stream, part);
    return line || !stream.pipe.is_open();
  });
  return line;
}

std::optional<std::string> Process::next_line(Stream& stream, std::string_view part) {
  for (;;) {
    const auto end = stream.text.find('\n', stream.searched);
    if (end == std::string::npos) return std::nullopt;
    auto line = stream.text.substr(stream.searched, end - stream.searched);
    stream.searched = end + 1;
    if (line.find(part) != std::string::npos) return line;
  }
}

}  // namespace support
