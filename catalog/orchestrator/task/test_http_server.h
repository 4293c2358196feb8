// A small HTTP server inside a test.

#ifndef CATALOG_ORCHESTRATOR_TASK_TEST_HTTP_SERVER_H_
#define CATALOG_ORCHESTRATOR_TASK_TEST_HTTP_SERVER_H_

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"

#include "third_party/absl/mutex.h"

namespace orrery::catalog {

// Answers each path with the bytes it was given, one connection at a time; a
// path it does not know is 404. An answer that is empty is never given: the
// connection stays open and silent.
class TestHttpServer {
 public:
  TestHttpServer() : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    bind(listener_, reinterpret_cast<sockaddr*>(&address), length);
    listen(listener_, 16);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~TestHttpServer() {
    {
      const MutexLock lock(&mutex_);
      stopping_ = true;
    }
    thread_.join();
    for (const int silent : silent_) close(silent);
    close(listener_);
  }

  int port() const { return port_; }
  std::string Url(const std::string& path) const {
    return absl::StrCat("http://127.0.0.1:", port_, path);
  }

  void Answer(const std::string& path, std::string answer) {
    const MutexLock lock(&mutex_);
    answers_[path] = std::move(answer);
  }
  void AnswerBody(const std::string& path, const std::string& body) {
    Answer(path, absl::StrCat("HTTP/1.1 200 OK\r\nContent-Length: ",
                              body.size(), "\r\n\r\n", body));
  }
  void AnswerStatus(const std::string& path, int status) {
    Answer(path, absl::StrCat("HTTP/1.1 ", status,
                              " X\r\nContent-Length: 0\r\n\r\n"));
  }
  void Redirect(const std::string& path, const std::string& target) {
    Answer(path, absl::StrCat("HTTP/1.1 302 Found\r\nLocation: ", target,
                              "\r\nContent-Length: 0\r\n\r\n"));
  }
  int Requests(const std::string& path) {
    const MutexLock lock(&mutex_);
    return requests_[path];
  }

 private:
  void Serve() {
    while (true) {
      pollfd entry = {listener_, POLLIN, 0};
      const int ready = poll(&entry, 1, 10);
      {
        const MutexLock lock(&mutex_);
        if (stopping_) return;
      }
      if (ready != 1) continue;
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      const std::string answer = AnswerFor(ReadRequest(connection));
      if (answer.empty()) {
        silent_.push_back(connection);
        continue;
      }
      send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
      close(connection);
    }
  }

  static std::string ReadRequest(int connection) {
    std::string request;
    char buffer[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      pollfd entry = {connection, POLLIN, 0};
      if (poll(&entry, 1, 1000) != 1) break;
      const ssize_t got = read(connection, buffer, sizeof(buffer));
      if (got <= 0) break;
      request.append(buffer, static_cast<size_t>(got));
    }
    const size_t begin = request.find(' ') + 1;
    return request.substr(begin, request.find(' ', begin) - begin);
  }

  std::string AnswerFor(const std::string& path) {
    const MutexLock lock(&mutex_);
    ++requests_[path];
    const auto place = answers_.find(path);
    if (place != answers_.end()) return place->second;
    return "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
  }

  const int listener_;
  int port_ = 0;
  Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, std::string> answers_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> requests_ ABSL_GUARDED_BY(mutex_);
  std::vector<int> silent_;
  std::thread thread_;
};

}  // namespace orrery::catalog

#endif  // CATALOG_ORCHESTRATOR_TASK_TEST_HTTP_SERVER_H_
