#ifndef SERVER_PROCESS_DATA_DIR_H_
#define SERVER_PROCESS_DATA_DIR_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace orrery::server {

// The directory that holds all state of one orreryd: DIR/lock says whose it is,
// DIR/run/http.addr and DIR/run/grpc.addr where that one listens.
class DataDir {
 public:
  // Creates the directory (mode 0700) when needed, takes its lock and removes
  // the addresses of an earlier run. kAborted, with its process id, while
  // another process has the lock; kFailedPrecondition when the directory cannot
  // be used.
  static absl::StatusOr<std::unique_ptr<DataDir>> Open(std::string path);
  // Removes the addresses and gives the lock back.
  ~DataDir();
  DataDir(const DataDir&) = delete;
  DataDir& operator=(const DataDir&) = delete;

  // Absolute.
  const std::string& path() const { return path_; }

  // Writes both files by rename: who sees one can connect.
  absl::Status PublishAddresses(const std::string& http,
                                const std::string& grpc) const;

 private:
  DataDir(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  void RemoveAddresses() const;

  std::string path_;
  int lock_;
};

}  // namespace orrery::server

#endif  // SERVER_PROCESS_DATA_DIR_H_
