#ifndef SERVER_PROCESS_BUILD_INFO_H_
#define SERVER_PROCESS_BUILD_INFO_H_

namespace orrery::server {

inline constexpr char kVersion[] = "0.1.0";
// Of the sources, when the build says so.
#ifdef ORRERY_COMMIT
inline constexpr char kCommit[] = ORRERY_COMMIT;
#else
inline constexpr char kCommit[] = "unknown";
#endif

}  // namespace orrery::server

#endif  // SERVER_PROCESS_BUILD_INFO_H_
