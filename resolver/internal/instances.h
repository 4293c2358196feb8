// Which instance of a package a relation means.

#ifndef RESOLVER_INTERNAL_INSTANCES_H_
#define RESOLVER_INTERNAL_INSTANCES_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"

#include "resolver/metadata_source.h"
#include "resolver/relations.h"
#include "resolver/request.h"

namespace orrery::resolver::internal {

using MeantNodes = absl::InlinedVector<Node, 1>;

// The rules of resolver.md §1.4.
class Instances {
 public:
  // Both must outlive this.
  Instances(const Request& request, MetadataSource& source);

  // Whether an alternative of `consumer` that names `package` means the node
  // of the package's own name, because nothing says otherwise of any.
  bool IsPlain(const Alternative& alternative) const {
    return !alternative.target.is_capability && !alternative.own &&
           !has_choice_;
  }
  // Whether that may be otherwise for any package.
  bool has_choice() const { return has_choice_; }

  // The nodes that an alternative of `consumer` stands for, in order.
  MeantNodes Meant(const Node& consumer, const Alternative& alternative) const;
  // The same for an alternative of the request.
  MeantNodes Asked(const Alternative& alternative) const;

  // Whether the record of `consumer` says that it uses `provider`, which may be
  // a fact.
  bool IsRecorded(const Node& consumer, const Node& provider) const;

  // The service id of a node.
  std::string IdOf(const Node& node) const;
  // `kafka`, or `kafka@prod`.
  std::string TextOf(const Node& node) const;

 private:
  Node MeantOf(const Node& consumer, PackageId package, bool own) const;
  // Installed nodes of the target's packages: those in the group of `group_of`
  // first, then by text. `group_of` may be null.
  MeantNodes InstalledProviders(const Target& target,
                                const Node* group_of) const;
  bool SameGroup(const Node& a, const Node& b) const;

  MetadataSource& source_;
  // There are bindings, or installed nodes of other names than their package's.
  bool has_choice_ = false;
  // By package, by service id.
  absl::flat_hash_map<PackageId, std::vector<Node>> installed_;
  absl::flat_hash_map<Node, std::vector<Node>> asked_bindings_;
  absl::flat_hash_map<Node, std::vector<Node>> recorded_bindings_;
};

}  // namespace orrery::resolver::internal

#endif  // RESOLVER_INTERNAL_INSTANCES_H_
