// From the catalog's values to the messages of its API.

#ifndef CATALOG_API_PROTO_CONVERSION_H_
#define CATALOG_API_PROTO_CONVERSION_H_

#include "catalog/services.h"
#include "catalog/store/operation.h"
#include "catalog/store/plan.h"
#include "catalog/v1/operation.pb.h"
#include "catalog/v1/plan.pb.h"
#include "catalog/v1/service.pb.h"

namespace orrery::catalog {

v1::Plan ToProto(const Plan& plan);
v1::Operation ToProto(const Operation& operation);
v1::Service ToProto(const ServiceView& view);

}  // namespace orrery::catalog

#endif  // CATALOG_API_PROTO_CONVERSION_H_
