#include "catalog/api/resolve_query_proto.h"

#include <string>
#include <vector>

#include "catalog/resolution/written_query.h"

namespace orrery::catalog {

absl::StatusOr<ResolveQuery> ResolveQueryOf(const v1::ResolveRequest& request) {
  const auto texts = [](const auto& field) {
    return std::vector<std::string>(field.begin(), field.end());
  };
  WrittenQuery written;
  written.cluster = request.cluster();
  written.items = texts(request.items());
  written.installed = request.installed();
  written.update = texts(request.update());
  written.remove = texts(request.remove());
  written.exclude = texts(request.exclude());
  written.hold = texts(request.hold());
  written.bindings = texts(request.bindings());
  written.trees = texts(request.trees());
  written.options = request.options();
  written.allow_prereleases = request.allow_prereleases();
  written.prereleases_of = texts(request.prereleases_of());
  written.allow_removal = request.allow_removal();
  written.allow_downgrade = request.allow_downgrade();
  written.allow_source_change = request.allow_source_change();
  written.oldest_first = request.oldest_first();
  written.lock = request.lock();
  written.locked = request.locked();
  written.write_lock = request.write_lock();
  written.accept_suboptimal = request.accept_suboptimal();
  written.steps = request.steps();
  written.explain_steps = request.explain_steps();
  written.fix_steps = request.fix_steps();
  return ReadQuery(written);
}

}  // namespace orrery::catalog
