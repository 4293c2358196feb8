#include "cli-plugin/package/package_chain.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "cli-plugin/command/file_reader.h"

#include "signing/field.h"
#include "signing/record/record_parser.h"
#include "signing/record/statement_file.h"
#include "signing/record/statement_reader.h"
#include "signing/refusal.h"
#include "signing/ssh/armor.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

namespace fs = std::filesystem;

// One more than a statement, or an armor with its lines, may have.
constexpr size_t kMaxFileBytes = signing::kMaxArmorBase64 * 2;
static_assert(kMaxFileBytes > signing::kMaxStatementBytes);

// Names of the entries; none where there is no such folder.
absl::StatusOr<std::vector<std::string>> NamesIn(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  if (!fs::exists(folder, error)) return names;
  for (fs::directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat(folder.string(), " cannot be listed: ", error.message()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<ChainFile> Read(const std::string& directory,
                               const std::string& path) {
  ORRERY_ASSIGN_OR_RETURN(
      std::string bytes,
      ReadFileUpTo(absl::StrCat(directory, "/", path), kMaxFileBytes));
  return ChainFile{path, std::move(bytes)};
}

bool HasStatement(const fs::path& folder) {
  const auto names = NamesIn(folder);
  return names.ok() &&
         std::any_of(names->begin(), names->end(), [](const std::string& name) {
           return signing::ParseStatementFileName(name).has_value();
         });
}

// The files of one seq.
struct Files {
  std::string statement;
  std::vector<std::string> signatures;
};

// Registries read nothing else; refusal: content.path.
absl::Status CheckIsFile(const std::string& directory,
                         const std::string& path) {
  std::error_code error;
  if (fs::is_regular_file(
          fs::symlink_status(fs::path(directory) / path, error))) {
    return absl::OkStatus();
  }
  return signing::At(
      {.file = path},
      signing::Refuse(signing::RefusalCode::kContentPath,
                      "is a link or a folder; only files are read"));
}

// Registries follow no link; refusal: content.path.
absl::Status CheckNoLink(const std::string& directory,
                         const std::string& folder) {
  fs::path path;
  for (const fs::path& part : fs::path(folder)) {
    path /= part;
    std::error_code error;
    if (fs::is_symlink(fs::path(directory) / path, error)) {
      return signing::At({.file = path.string()},
                         signing::Refuse(signing::RefusalCode::kContentPath,
                                         "is a link; no registry follows it"));
    }
  }
  return absl::OkStatus();
}

absl::Status ReadStatement(const std::string& directory, int64_t seq,
                           const Files& files, PackageChain& chain) {
  const std::string folder = signing::StatementDirectory(chain.package);
  std::vector<std::string> names = files.signatures;
  names.push_back(files.statement);
  for (const std::string& name : names) {
    chain.fault = CheckIsFile(directory, absl::StrCat(folder, "/", name));
    if (!chain.fault.ok()) return absl::OkStatus();
  }
  ChainStatement statement;
  statement.seq = seq;
  ORRERY_ASSIGN_OR_RETURN(
      statement.file,
      Read(directory, absl::StrCat(folder, "/", files.statement)));
  for (const std::string& name : files.signatures) {
    ORRERY_ASSIGN_OR_RETURN(ChainFile signature,
                            Read(directory, absl::StrCat(folder, "/", name)));
    statement.signatures.push_back(std::move(signature));
  }
  statement.digest = signing::Digest::Of(statement.file.bytes);
  absl::StatusOr<signing::Record> record =
      signing::ParseRecord(statement.file.bytes);
  if (!record.ok()) {
    chain.fault =
        signing::At({.file = statement.file.path}, std::move(record).status());
    return absl::OkStatus();
  }
  statement.record = *std::move(record);
  chain.statements.push_back(std::move(statement));
  return absl::OkStatus();
}

}  // namespace

const ChainStatement* PackageChain::keyset() const {
  const auto found = std::find_if(
      statements.rbegin(), statements.rend(), [](const ChainStatement& one) {
        return one.record.kind == signing::RecordKind::kKeyset;
      });
  return found == statements.rend() ? nullptr : &*found;
}

signing::ChainEnd PackageChain::End() const {
  signing::ChainEnd end;
  end.package = package;
  if (statements.empty()) return end;
  end.seq = statements.back().seq;
  end.statement = statements.back().digest;
  if (const ChainStatement* const in_force = keyset()) {
    end.logs = in_force->record.logs;
    end.keyset = {std::get<signing::KeysetRecord>(in_force->record.body).number,
                  in_force->digest};
  }
  return end;
}

absl::StatusOr<PackageChain> ReadChain(const std::string& directory,
                                       const std::string& package) {
  ORRERY_RETURN_IF_ERROR(signing::CheckPackageName(package));
  PackageChain chain;
  chain.package = package;
  const std::string folder = signing::StatementDirectory(package);
  chain.fault = CheckNoLink(directory, folder);
  if (!chain.fault.ok()) return chain;
  ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                          NamesIn(fs::path(directory) / folder));
  std::map<int64_t, Files> files;
  for (const std::string& name : names) {
    const auto parsed = signing::ParseStatementFileName(name);
    if (!parsed.has_value()) continue;
    Files& of_seq = files[parsed->seq];
    if (parsed->is_signature) {
      of_seq.signatures.push_back(name);
    } else {
      of_seq.statement = name;
    }
  }
  int64_t next = 1;
  for (const auto& [seq, of_seq] : files) {
    if (seq != next || of_seq.statement.empty()) {
      chain.fault = signing::At(
          {.file = absl::StrCat(folder, "/", signing::StatementFileName(next))},
          signing::Refuse(signing::RefusalCode::kRecordChain,
                          absl::StrCat("is not there, but files of statement ",
                                       seq, " are")));
      break;
    }
    ORRERY_RETURN_IF_ERROR(ReadStatement(directory, seq, of_seq, chain));
    if (!chain.fault.ok()) break;
    ++next;
  }
  return chain;
}

absl::StatusOr<std::vector<std::string>> PackagesWithChain(
    const std::string& directory) {
  const fs::path trust = fs::path(directory) / "trust";
  ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> names, NamesIn(trust));
  std::vector<std::string> packages;
  for (const std::string& name : names) {
    std::error_code error;
    if (!fs::is_directory(trust / name, error)) continue;
    if (HasStatement(trust / name)) packages.push_back(name);
    ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> scoped,
                            NamesIn(trust / name));
    for (const std::string& base : scoped) {
      if (HasStatement(trust / name / base)) {
        packages.push_back(absl::StrCat(name, "/", base));
      }
    }
  }
  std::erase_if(packages, [](const std::string& package) {
    return !signing::CheckPackageName(package).ok();
  });
  std::sort(packages.begin(), packages.end());
  return packages;
}

std::vector<signing::Signer> SignersOf(const PackageChain& chain, int64_t seq) {
  std::vector<signing::Signer> signers;
  const signing::KeysetRecord* before = nullptr;
  for (const ChainStatement& statement : chain.statements) {
    const auto* keyset =
        std::get_if<signing::KeysetRecord>(&statement.record.body);
    if (statement.seq < seq && keyset != nullptr) before = keyset;
    if (statement.seq == seq && keyset != nullptr) signers = keyset->signers;
  }
  if (before != nullptr) {
    signers.insert(signers.end(), before->signers.begin(),
                   before->signers.end());
  }
  return signers;
}

std::string FilesFrom(const PackageChain& chain, int64_t seq) {
  const ChainStatement& statement =
      chain.statements[static_cast<size_t>(seq - 1)];
  std::string files = statement.file.path;
  for (const ChainFile& signature : statement.signatures) {
    absl::StrAppend(&files, ", ", signature.path);
  }
  if (seq < chain.statements.back().seq) {
    absl::StrAppend(&files, " and all statements after it");
  }
  return files;
}

std::string WaysOutOfChange(const PackageChain& chain,
                            const ChainStatement& record) {
  const ChainStatement* const keyset = chain.keyset();
  const bool is_mutable =
      keyset != nullptr &&
      std::get<signing::KeysetRecord>(keyset->record.body).mode ==
          signing::RevisionMode::kMutable;
  int64_t highest = 0;
  for (const ChainStatement& statement : chain.statements) {
    const auto* release =
        std::get_if<signing::ReleaseRecord>(&statement.record.body);
    if (release == nullptr) continue;
    highest = std::max(highest, release->content.release);
  }
  return absl::StrCat(
      "put the files back; or, as long as no registry has logged it, remove ",
      FilesFrom(chain, record.seq), ", and record it again; after that, ",
      is_mutable ? "record what it is now as its next revision"
                 : absl::StrCat("publish it as release ", highest + 1));
}

std::string SubjectText(const signing::Record& record) {
  if (const auto* keyset = std::get_if<signing::KeysetRecord>(&record.body)) {
    return absl::StrCat("keyset ", keyset->number);
  }
  if (const auto* release = std::get_if<signing::ReleaseRecord>(&record.body)) {
    const signing::RevisionContent& content = release->content;
    return absl::StrCat(
        "release ", content.release,
        content.revision > 1 ? absl::StrCat("#", content.revision) : "");
  }
  if (const auto* yank = std::get_if<signing::YankRecord>(&record.body)) {
    return absl::StrCat(
        "yank of release ", yank->release,
        yank->revision.has_value() ? absl::StrCat("#", *yank->revision) : "");
  }
  return std::string(signing::RecordKindName(record.kind));
}

}  // namespace orrery::cli
