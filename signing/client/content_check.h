#ifndef SIGNING_CLIENT_CONTENT_CHECK_H_
#define SIGNING_CLIENT_CONTENT_CHECK_H_

#include <span>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

#include "signing/record/record.h"

namespace orrery::signing {

// The digests of step 15 of trust.md §14.1.

// content.size unless `bytes` has the signed length, then content.digest unless
// they are the signed bytes. One byte more than the length is all that need be
// fetched to know.
absl::Status CheckFile(const ContentFile& signed_file, absl::string_view bytes);

struct FetchedFile {
  absl::string_view path;
  absl::string_view bytes;
};

// That `files`, in any order, are the content of a revision of `package`: all
// of it and nothing else. Refusals, of which the first that applies is told:
// content.size, content.digest, content.tree, content.unlisted, content.path.
absl::Status CheckContent(absl::string_view package,
                          const RevisionContent& content,
                          std::span<const FetchedFile> files);

}  // namespace orrery::signing

#endif  // SIGNING_CLIENT_CONTENT_CHECK_H_
