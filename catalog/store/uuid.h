#ifndef CATALOG_STORE_UUID_H_
#define CATALOG_STORE_UUID_H_

#include <string>

namespace orrery::catalog {

// A random UUID (version 4, RFC 9562).
std::string NewUuid();

}  // namespace orrery::catalog

#endif  // CATALOG_STORE_UUID_H_
