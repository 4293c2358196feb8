#include "cli-plugin/package/package_sign_command.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/command/command.h"
#include "cli-plugin/command/file_reader.h"
#include "cli-plugin/command/file_writer.h"
#include "cli-plugin/package/chain_review.h"
#include "cli-plugin/package/package_chain.h"
#include "cli-plugin/package/ssh_key_flag.h"

#include "signing/digest.h"
#include "signing/record/record_parser.h"
#include "signing/record/signed_record.h"
#include "signing/record/statement_file.h"
#include "signing/record/statement_reader.h"
#include "signing/refusal.h"
#include "signing/ssh/armor.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;
using signing::Signer;

// Of 32, with room for a digit.
constexpr size_t kMaxLabelBytes = 31;

// The statement to be signed and who may.
struct Subject {
  std::string directory;
  std::string name;
  int64_t seq = 0;
  std::string bytes;
  signing::Record record;
  std::string name_space;
  std::vector<Signer> signers;
};

// That nobody signs unseen what the files are not.
absl::Status CheckFiles(const std::string& root, const PackageChain& chain,
                        const ChainStatement& statement) {
  const absl::Status status = CheckRecorded(root, chain, statement);
  if (status.ok()) return status;
  return absl::FailedPreconditionError(
      absl::StrCat(statement.file.path,
                   " is not signed: ", signing::RefusalOf(status)->detail));
}

absl::StatusOr<Subject> OpenSubject(const std::string& path) {
  const std::filesystem::path file(path);
  Subject subject;
  subject.directory = file.parent_path().string();
  subject.name = file.filename().string();
  const auto parsed = signing::ParseStatementFileName(subject.name);
  if (!parsed.has_value() || parsed->is_signature) {
    return UsageError(absl::StrCat(
        path,
        " is no statement: trust/<package>/000001.stmt is the first of a "
        "package"));
  }
  subject.seq = parsed->seq;
  auto bytes = ReadFileUpTo(path, signing::kMaxStatementBytes + 1);
  if (!bytes.ok()) return UsageError(bytes.status().message());
  subject.bytes = *std::move(bytes);
  auto record = signing::ParseRecord(subject.bytes);
  if (!record.ok()) return signing::At({.file = path}, record.status());
  subject.record = *std::move(record);
  absl::string_view root = subject.directory;
  if (!absl::ConsumeSuffix(&root,
                           absl::StrCat("/", signing::StatementDirectory(
                                                 subject.record.package)))) {
    return UsageError(absl::StrCat(path, " speaks of ", subject.record.package,
                                   " and belongs into trust/",
                                   subject.record.package));
  }
  ORRERY_ASSIGN_OR_RETURN(const PackageChain chain,
                          ReadChain(std::string(root), subject.record.package));
  if (subject.seq > static_cast<int64_t>(chain.statements.size())) {
    return chain.fault;
  }
  ORRERY_RETURN_IF_ERROR(
      CheckFiles(std::string(root), chain,
                 chain.statements[static_cast<size_t>(subject.seq - 1)]));
  subject.name_space = std::string(signing::NamespaceOf(subject.record.kind));
  subject.signers = SignersOf(chain, subject.seq);
  return subject;
}

const Signer* FindSigner(const Subject& subject, absl::string_view key) {
  const auto found = std::find_if(
      subject.signers.begin(), subject.signers.end(), [&](const Signer& one) {
        return one.key.blob() == key &&
               std::find(one.namespaces.begin(), one.namespaces.end(),
                         subject.name_space) != one.namespaces.end();
      });
  return found == subject.signers.end() ? nullptr : &*found;
}

absl::Status NoSigner(const Subject& subject, absl::string_view who) {
  std::vector<std::string> able;
  for (const Signer& signer : subject.signers) {
    if (FindSigner(subject, signer.key.blob()) == nullptr) continue;
    able.push_back(
        absl::StrCat(signer.principal, " ", signer.key.Fingerprint()));
  }
  return signing::At(
      {.file = absl::StrCat(subject.directory, "/", subject.name)},
      signing::Refuse(
          signing::RefusalCode::kRecordNamespace,
          absl::StrCat(who, " may not sign a ",
                       signing::RecordKindName(subject.record.kind),
                       " of this package; those who may: ",
                       able.empty() ? "nobody" : absl::StrJoin(able, ", "))));
}

absl::StatusOr<std::string> MakeSignature(const Subject& subject,
                                          const std::string& key,
                                          CommandContext& context) {
  return SignAsTold(
      {"key", key}, subject.name_space, subject.bytes,
      [&](std::span<const signing::SshKey> held)
          -> absl::StatusOr<signing::SshKey> {
        for (const signing::SshKey& one : held) {
          if (FindSigner(subject, one.blob()) != nullptr) return one;
        }
        return NoSigner(subject, absl::StrCat("none of the ", held.size(),
                                              " keys that ssh-agent holds"));
      },
      context);
}

std::string LabelFor(absl::string_view principal) {
  std::string label;
  for (const char c : principal.substr(0, principal.find('@'))) {
    const auto byte = static_cast<unsigned char>(c);
    const bool fits =
        absl::ascii_isalnum(byte) && label.size() < kMaxLabelBytes;
    if (fits) label.push_back(absl::ascii_tolower(byte));
  }
  return label.empty() ? "second" : label;
}

// A signature by the same key is replaced; by another one it stays.
absl::Status CheckIsFree(const std::string& path, absl::string_view label,
                         const Signer& signer) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(const std::string bytes,
                          ReadFileUpTo(path, signing::kMaxArmorBase64 * 2));
  const auto there = signing::ParseArmor(bytes, signing::ArmorForm::kFile);
  if (!there.ok() || there->public_key == signer.key.blob()) {
    return absl::OkStatus();
  }
  const std::string own = LabelFor(signer.principal);
  return absl::AlreadyExistsError(absl::StrCat(
      path,
      " is the signature of another key; put yours beside it with --label ",
      own, own == label ? "2" : ""));
}

absl::StatusOr<ExitCode> RunSign(const Invocation& invocation,
                                 CommandContext& context) {
  const std::string path =
      AbsolutePath(invocation.Word("STMT"), context.working_directory);
  const std::string label = invocation.Text("label");
  if (!label.empty()) {
    const absl::Status status = signing::CheckSignatureLabel(label);
    if (!status.ok()) return UsageError(status.message());
  }
  if (!invocation.Has("key")) {
    return UsageError("name your ssh key with --key FILE, or --key agent");
  }
  ORRERY_ASSIGN_OR_RETURN(const Subject subject, OpenSubject(path));
  ORRERY_ASSIGN_OR_RETURN(
      const std::string armor,
      MakeSignature(subject, invocation.Text("key"), context));
  ORRERY_ASSIGN_OR_RETURN(
      const signing::SshSignature signature,
      signing::ParseArmor(armor, signing::ArmorForm::kFile));
  const Signer* const signer = FindSigner(subject, signature.public_key);
  if (signer == nullptr) {
    const auto key = signing::SshKey::Parse(signature.public_key);
    return NoSigner(
        subject,
        absl::StrCat("the key ", key.ok() ? key->Fingerprint() : "given"));
  }
  const std::string name = signing::SignatureFileName(subject.seq, label);
  const std::string target = absl::StrCat(subject.directory, "/", name);
  ORRERY_RETURN_IF_ERROR(CheckIsFree(target, label, *signer));
  ORRERY_RETURN_IF_ERROR(ReplaceFile(target, armor));
  const std::string shown =
      (std::filesystem::path(invocation.Word("STMT")).parent_path() / name)
          .string();
  context.terminal->Note(absl::StrCat("signed ", SubjectText(subject.record),
                                      " of ", subject.record.package, " as ",
                                      signer->principal));
  Answer answer;
  answer.document =
      JsonValue::Object({{"path", JsonValue::String(shown)},
                         {"principal", JsonValue::String(signer->principal)},
                         {"key", JsonValue::String(signer->key.Fingerprint())},
                         {"namespace", JsonValue::String(subject.name_space)}});
  answer.names = {shown};
  answer.page = absl::StrCat(shown, "\n");
  Print(answer, context);
  return ExitCode::kSuccess;
}

}  // namespace

Command PackageSignCommand() {
  Command command;
  command.name = "sign";
  command.summary = "Sign a statement with your ssh key";
  command.description =
      "Signs with `ssh-keygen -Y sign` and writes the signature beside the "
      "statement, as STMT.sig, or STMT.LABEL.sig for those after the first. "
      "An encrypted key, a FIDO key or one on a smart card is asked for as "
      "usual; --key agent takes the key from ssh-agent that may sign. Only who "
      "is in the keyset can sign, and a record only while the files of its "
      "release are those that it lists. Works without a server.";
  command.examples = {
      {"orrery package sign trust/kafka/000002.stmt --key ~/.ssh/id_ed25519",
       ""},
      {"orrery package sign trust/kafka/000002.stmt --key agent --label bob",
       ""}};
  command.flags = {{.name = "key",
                    .value = "FILE",
                    .help = "file of the ssh key, or the word agent",
                    .kind = ValueKind::kFile},
                   {.name = "label",
                    .value = "L",
                    .help = "part of the file's name, to tell signatures "
                            "apart"}};
  command.arguments = {{.name = "STMT",
                        .help = "the statement, trust/<package>/<seq>.stmt",
                        .kind = ValueKind::kFile}};
  command.run = RunSign;
  return command;
}

}  // namespace orrery::cli
