// Services that are there only because others needed them (resolver.md §8.1).

#ifndef CATALOG_STORE_UNUSED_SERVICES_H_
#define CATALOG_STORE_UNUSED_SERVICES_H_

#include <set>
#include <span>
#include <string>
#include <vector>

#include "catalog/store/catalog_store.h"
#include "catalog/store/service_record.h"

namespace orrery::catalog {

// Node texts of the services of one cluster that came with others and that
// nothing needs any more. What an operation is about to change is in use, and
// so is what came with it.
std::set<std::string> UnusedNodes(std::span<const StoredServicePtr> services);

// What only `gone`, itself not among it, keeps in use, each before what it
// uses. What somebody asked for stays.
std::vector<StoredServicePtr> OnlyUsedBy(
    const ServiceRecord& gone, std::span<const StoredServicePtr> services);

// `kafka`, `kafka@prod`.
std::string NodeOf(const RunningService& record);

}  // namespace orrery::catalog

#endif  // CATALOG_STORE_UNUSED_SERVICES_H_
