#include "server/api/registry_routes.h"

#include <utility>

namespace orrery::server {
namespace {

using registry::v1::ArtifactService;
using registry::v1::PackageService;
using registry::v1::SourceService;

void AddPackages(PackageService::Service* packages, RoutingTable* table) {
  using Service = PackageService::Service;
  table->AddUnary({.verb = "GET",
                   .path = "/v1/packages",
                   .rpc = "orrery.registry.v1.PackageService.ListPackages",
                   .decided_by = DecidedBy::kSnapshot},
                  packages, &Service::ListPackages);
  table->AddUnary({.verb = "GET",
                   .path = "/v1/packages:search",
                   .rpc = "orrery.registry.v1.PackageService.SearchPackages"},
                  packages, &Service::SearchPackages);
  table->AddUnary({.verb = "GET",
                   .path = "/v1/packages/{package}",
                   .rpc = "orrery.registry.v1.PackageService.GetPackage",
                   .answer_field = "release",
                   .decided_by = DecidedBy::kPackage},
                  packages, &Service::GetPackage);
  table->AddUnary({.verb = "GET",
                   .path = "/v1/packages/{package}/releases",
                   .rpc = "orrery.registry.v1.PackageService.ListReleases",
                   .decided_by = DecidedBy::kPackage},
                  packages, &Service::ListReleases);
  table->AddUnary({.verb = "GET",
                   .path = "/v1/packages/{package}/dependents",
                   .rpc = "orrery.registry.v1.PackageService.ListDependents",
                   .decided_by = DecidedBy::kSnapshot},
                  packages, &Service::ListDependents);
  table->AddUnary({.verb = "GET",
                   .path = "/v1/packages/{package}/releases/{release}",
                   .rpc = "orrery.registry.v1.PackageService.GetRelease",
                   .answer_field = "release",
                   .decided_by = DecidedBy::kPackage},
                  packages, &Service::GetRelease);
}

void AddSources(SourceService::Service* sources, RoutingTable* table) {
  using Service = SourceService::Service;
  table->AddUnary({.verb = "GET",
                   .path = "/v1/sources",
                   .rpc = "orrery.registry.v1.SourceService.ListSources"},
                  sources, &Service::ListSources);
  table->AddUnary({.verb = "POST",
                   .path = "/v1/sources",
                   .rpc = "orrery.registry.v1.SourceService.CreateSource"},
                  sources, &Service::CreateSource);
  table->AddUnary({.verb = "GET",
                   .path = "/v1/sources/{source}",
                   .rpc = "orrery.registry.v1.SourceService.GetSource",
                   .answer_field = "source"},
                  sources, &Service::GetSource);
  table->AddUnary({.verb = "DELETE",
                   .path = "/v1/sources/{source}",
                   .rpc = "orrery.registry.v1.SourceService.DeleteSource"},
                  sources, &Service::DeleteSource);
  table->AddUnary({.verb = "POST",
                   .path = "/v1/sources/{source}:sync",
                   .rpc = "orrery.registry.v1.SourceService.SyncSource",
                   .answer_field = "source",
                   .waits = true},
                  sources, &Service::SyncSource);
  table->AddUnary({.verb = "POST",
                   .path = "/v1/sources/{source}:accept",
                   .rpc = "orrery.registry.v1.SourceService.AcceptTip",
                   .answer_field = "source",
                   .waits = true},
                  sources, &Service::AcceptTip);
  table->AddUnary({.verb = "POST",
                   .path = "/v1/sources/{source}:admit",
                   .rpc = "orrery.registry.v1.SourceService.AdmitKeyset",
                   .answer_field = "source",
                   .waits = true},
                  sources, &Service::AdmitKeyset);
  table->AddUnary({.verb = "GET",
                   .path = "/v1/sources/{source}/operations/{operation}",
                   .rpc = "orrery.registry.v1.SourceService.GetSourceOperation",
                   .answer_field = "operation"},
                  sources, &Service::GetSourceOperation);
}

void AddArtifacts(ArtifactService::Service* artifacts, RoutingTable* table) {
  using Service = ArtifactService::Service;
  table->AddUnary({.verb = "GET",
                   .path = "/v1/artifacts",
                   .rpc = "orrery.registry.v1.ArtifactService.ListArtifacts"},
                  artifacts, &Service::ListArtifacts);
  table->AddUnary({.verb = "DELETE",
                   .path = "/v1/artifacts/sha256/{sha256}",
                   .rpc = "orrery.registry.v1.ArtifactService.DeleteArtifact"},
                  artifacts, &Service::DeleteArtifact);
}

}  // namespace

void AddRegistryRoutes(PackageService::Service* packages,
                       SourceService::Service* sources,
                       ArtifactService::Service* artifacts,
                       Notifications notifications, RoutingTable* table) {
  AddPackages(packages, table);
  AddSources(sources, table);
  AddArtifacts(artifacts, table);
  AddWebhookRoute(std::move(notifications), table);
}

}  // namespace orrery::server
