#include "server/api/log_handler.h"

#include <functional>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

#include "registry/log/trust_files.h"
#include "server/http/problem.h"
#include "signing/digest.h"
#include "signing/log/tile.h"

namespace orrery::server {
namespace {

using registry::RegistryLog;
using signing::Digest;

constexpr absl::string_view kBytes = "application/octet-stream";
constexpr absl::string_view kText = "text/plain; charset=utf-8";
// Groups of three digits in the number of a tile, and `.p/<width>` behind them.
constexpr int kMaxTileSegments = 8;

using Variables = PathTemplate::Variables;

HttpResponse Answer(absl::StatusOr<std::string> bytes,
                    absl::string_view media_type, absl::string_view caching,
                    const HttpRequest& request) {
  if (!bytes.ok()) return ProblemResponse(ProblemOf(bytes.status()), request);
  HttpResponse response =
      HttpResponse::Text(200, media_type, *std::move(bytes));
  response.fields.Add("Cache-Control", caching);
  return response;
}

// Bytes that stay what they are for ever.
HttpResponse Immutable(absl::StatusOr<std::string> bytes,
                       absl::string_view media_type,
                       const HttpRequest& request) {
  return Answer(std::move(bytes), media_type,
                "public, max-age=31536000, immutable", request);
}

void AddRead(
    absl::string_view path, absl::string_view summary,
    std::function<HttpResponse(const HttpRequest&, const Variables&)> answer,
    RoutingTable* table) {
  Route route{.verb = "GET",
              .path = PathTemplate(path),
              .summary = std::string(summary)};
  route.admit = [answer = std::move(answer)](const HttpRequest&,
                                             Variables variables) {
    Admission admission;
    admission.lane = Lane::kRead;
    admission.handle =
        [answer, variables = std::move(variables)](const HttpRequest& request) {
          return answer(request, variables);
        };
    return admission;
  };
  table->Add(std::move(route));
}

using ReadByDigest = std::function<absl::StatusOr<std::string>(const Digest&)>;

// Of a digest in two parts.
constexpr size_t kFirstDigits = 2;

// What is named by the digest that its path ends in, in one part or two.
void AddByDigest(absl::string_view path, absl::string_view summary,
                 absl::string_view media_type, ReadByDigest read,
                 RoutingTable* table) {
  AddRead(
      path, summary,
      [media_type, read = std::move(read)](const HttpRequest& request,
                                           const Variables& variables) {
        std::string hex;
        for (const auto& [name, value] : variables) hex += value;
        absl::StatusOr<Digest> digest = Digest::ParseHex(hex);
        // A file has one path.
        if (variables.size() > 1 &&
            variables.front().second.size() != kFirstDigits) {
          digest = absl::InvalidArgumentError(
              "two digits of a digest stand before the others");
        }
        if (!digest.ok()) {
          return ProblemResponse(
              ProblemOf(absl::NotFoundError(digest.status().message())),
              request);
        }
        return Immutable(read(*digest), media_type, request);
      },
      table);
}

HttpResponse ServeTile(RegistryLog* log, const HttpRequest& request) {
  const auto id =
      signing::ParseTilePath(absl::StripPrefix(request.path, "/log/"));
  if (!id.ok()) {
    return ProblemResponse(
        ProblemOf(absl::NotFoundError(id.status().message())), request);
  }
  return Immutable(log->published().ReadTile(*id), kBytes, request);
}

HttpResponse ServeCheckpoint(RegistryLog* log, const HttpRequest& request) {
  const std::shared_ptr<const std::string> note = log->published().checkpoint();
  if (note == nullptr) {
    return Answer(absl::NotFoundError("the log is empty: there is no "
                                      "checkpoint before the first source"),
                  kText, "no-store", request);
  }
  return Answer(*note, kText, "no-store", request);
}

}  // namespace

void AddLogRoutes(RegistryLog* log, const std::string& data_dir,
                  RoutingTable* table) {
  AddRead(
      "/log/checkpoint", "The newest signed state of the log.",
      [log](const HttpRequest& request, const Variables&) {
        return ServeCheckpoint(log, request);
      },
      table);
  std::string tile = "/log/tile/{level}";
  for (int segment = 1; segment <= kMaxTileSegments; ++segment) {
    absl::StrAppend(&tile, "/{n", segment, "}");
    AddRead(
        tile, "Hashes or entries of the log.",
        [log](const HttpRequest& request, const Variables&) {
          return ServeTile(log, request);
        },
        table);
  }
  AddByDigest(
      "/catalog/{sha256}", "What a state of the log offers.", kText,
      [log](const Digest& digest) {
        return log->published().ReadCatalog(digest);
      },
      table);
  AddByDigest(
      "/leaf/{hash}", "One entry of the log.", kBytes,
      [log](const Digest& hash) { return log->published().ReadLeaf(hash); },
      table);
  AddByDigest(
      "/blob/sha256/{begin}/{rest}", "A file of a release.", kBytes,
      [log](const Digest& digest) { return log->ReadContent(digest); }, table);
  AddRead(
      "/v1/trust/{name}", "A trust file of this registry.",
      [data_dir](const HttpRequest& request, const Variables& variables) {
        return Answer(
            registry::ReadTrustFile(data_dir, variables.front().second), kText,
            "no-cache", request);
      },
      table);
}

}  // namespace orrery::server
