#include "signing/record/content_parser.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "signing/field.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

constexpr size_t kUsualFiles = 8;
constexpr size_t kMaxPins = 64;
constexpr size_t kMaxRequirements = 64;

absl::Status OutOfOrder(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, " are not strictly ascending"));
}

absl::Status TooMany(size_t max, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("there are more than ", max, " ", what));
}

// On a file system that folds case two files must not become one, nor a file
// become a directory.
absl::Status CheckPathsApart(const std::vector<ContentFile>& files) {
  // Names that are ascending as they are written differ.
  const bool is_plain =
      std::all_of(files.begin(), files.end(), [](const ContentFile& file) {
        return std::none_of(file.path.begin(), file.path.end(), [](char c) {
          return c == '/' || (c >= 'A' && c <= 'Z');
        });
      });
  if (is_plain) return absl::OkStatus();
  std::set<std::string> names;
  std::set<std::string> directories;
  for (const ContentFile& file : files) {
    const std::string name = absl::AsciiStrToLower(file.path);
    for (size_t slash = name.find('/'); slash != std::string::npos;
         slash = name.find('/', slash + 1)) {
      directories.insert(name.substr(0, slash));
    }
    if (!names.insert(name).second) {
      return absl::InvalidArgumentError(absl::StrCat(
          "two files are '", file.path, "' where case does not count"));
    }
  }
  for (const std::string& directory : directories) {
    if (names.count(directory) != 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "'", directory, "' is a file and a directory of other files"));
    }
  }
  return absl::OkStatus();
}

absl::Status TakeFiles(StatementReader& reader, RevisionContent& content) {
  int64_t all_bytes = 0;
  content.files.reserve(kUsualFiles);
  do {
    ORRERY_ASSIGN_OR_RETURN(const auto fields, reader.TakeFields<3>("file"));
    if (content.files.size() == kMaxContentFiles) {
      return TooMany(kMaxContentFiles, "files");
    }
    ContentFile file;
    ORRERY_ASSIGN_OR_RETURN(file.digest, ParseDigestField(fields[0]));
    ORRERY_ASSIGN_OR_RETURN(file.bytes,
                            ReadNumber(fields[1], 0, kMaxContentFileBytes));
    ORRERY_RETURN_IF_ERROR(CheckPath(fields[2]));
    file.path = std::string(fields[2]);
    if (!content.files.empty() && content.files.back().path >= file.path) {
      return OutOfOrder("the paths");
    }
    all_bytes += file.bytes;
    content.files.push_back(std::move(file));
  } while (reader.Sees("file"));
  if (all_bytes > kMaxContentBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the files have ", all_bytes, " bytes, more than ", kMaxContentBytes));
  }
  return CheckPathsApart(content.files);
}

absl::Status TakeAssets(StatementReader& reader, RevisionContent& content) {
  while (reader.Sees("asset")) {
    ORRERY_ASSIGN_OR_RETURN(const auto fields, reader.TakeFields<4>("asset"));
    PinnedAsset asset;
    ORRERY_ASSIGN_OR_RETURN(asset.digest, ParseDigestField(fields[0]));
    ORRERY_ASSIGN_OR_RETURN(asset.bytes, ReadNumber(fields[1], 0));
    ORRERY_RETURN_IF_ERROR(CheckPinId(fields[2]));
    ORRERY_RETURN_IF_ERROR(CheckAssetUrl(fields[3]));
    asset.id = std::string(fields[2]);
    asset.url = std::string(fields[3]);
    if (!content.assets.empty() && content.assets.back().id >= asset.id) {
      return OutOfOrder("the ids of assets");
    }
    if (content.assets.size() == kMaxPins) return TooMany(kMaxPins, "assets");
    content.assets.push_back(std::move(asset));
  }
  return absl::OkStatus();
}

absl::Status TakeImages(StatementReader& reader, RevisionContent& content) {
  while (reader.Sees("image")) {
    ORRERY_ASSIGN_OR_RETURN(const auto fields, reader.TakeFields<2>("image"));
    const size_t at = fields[1].rfind('@');
    if (at == absl::string_view::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("image '", fields[0], "' has no @sha256:… digest"));
    }
    PinnedImage image;
    ORRERY_RETURN_IF_ERROR(CheckPinId(fields[0]));
    image.id = std::string(fields[0]);
    ORRERY_RETURN_IF_ERROR(CheckImageReference(fields[1].substr(0, at)));
    image.reference = std::string(fields[1].substr(0, at));
    ORRERY_ASSIGN_OR_RETURN(image.digest,
                            ParseDigestField(fields[1].substr(at + 1)));
    if (!content.images.empty() && content.images.back().id >= image.id) {
      return OutOfOrder("the ids of images");
    }
    if (content.images.size() == kMaxPins) return TooMany(kMaxPins, "images");
    content.images.push_back(std::move(image));
  }
  return absl::OkStatus();
}

absl::Status TakeRequirements(StatementReader& reader,
                              RevisionContent& content) {
  while (reader.Sees("requires")) {
    ORRERY_ASSIGN_OR_RETURN(std::string requirement,
                            reader.TakeChecked("requires", &CheckRequirement));
    if (!content.requirements.empty() &&
        content.requirements.back() >= requirement) {
      return OutOfOrder("the requirements");
    }
    if (content.requirements.size() == kMaxRequirements) {
      return TooMany(kMaxRequirements, "requirements");
    }
    content.requirements.push_back(std::move(requirement));
  }
  return absl::OkStatus();
}

absl::Status CheckTree(absl::string_view package,
                       const RevisionContent& content) {
  std::vector<TreeHash::File> files;
  files.reserve(content.files.size());
  for (const ContentFile& file : content.files) {
    files.push_back({file.path, file.digest});
  }
  const TreeHash tree = TreeHash::Of(package, content.release, files);
  if (tree == content.tree) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the tree is ", content.tree.Text(),
                   ", but that of the files is ", tree.Text()));
}

}  // namespace

absl::StatusOr<RevisionContent> TakeContent(StatementReader& reader,
                                            absl::string_view package) {
  RevisionContent content;
  ORRERY_ASSIGN_OR_RETURN(content.release, reader.TakeNumber("release", 0));
  ORRERY_ASSIGN_OR_RETURN(content.revision,
                          reader.TakeNumber("revision", 1, kMaxRevision));
  if (content.revision > 1) {
    ORRERY_ASSIGN_OR_RETURN(content.replaces, reader.TakeTree("replaces"));
  }
  ORRERY_ASSIGN_OR_RETURN(content.version,
                          reader.TakeChecked("version", &CheckVersionLabel));
  ORRERY_ASSIGN_OR_RETURN(content.tree, reader.TakeTree("tree"));
  ORRERY_RETURN_IF_ERROR(TakeFiles(reader, content));
  ORRERY_RETURN_IF_ERROR(CheckTree(package, content));
  ORRERY_RETURN_IF_ERROR(TakeAssets(reader, content));
  ORRERY_RETURN_IF_ERROR(TakeImages(reader, content));
  ORRERY_RETURN_IF_ERROR(TakeRequirements(reader, content));
  return content;
}

}  // namespace orrery::signing
