// Every libvirt function that this room uses, defined here and forwarded to a libvirt.so.0 that is opened by the first
// call, so that a program which never connects does not pay for loading it. The prototypes are libvirt's own: a
// definition that differs from the header does not compile.

#include <dlfcn.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include "util/error.hpp"

namespace {

using vmtool::util::Errc;
using vmtool::util::Error;

constexpr const char* main_library = "libvirt.so.0";
constexpr const char* qemu_library = "libvirt-qemu.so.0";

// What libvirt needs and brings the most symbols to look up. Opened on its own, such a library is searched for them among the few that it
// needs itself; opened as a part of libvirt, among all fifty. That saves a tenth of the time. One that this libvirt doesn't need is not missed.
constexpr const char* searched_apart[] = {"libcrypto.so.3", "libgnutls.so.30", "libcurl-gnutls.so.4"};

void* open_library(const char* library_name) {
  for (const char* name : searched_apart) ::dlopen(name, RTLD_LAZY | RTLD_LOCAL);
  // Lazy binding saves a tenth of the time that loading libvirt and its libraries takes.
  void* library = ::dlopen(library_name, RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = ::dlerror();
    throw Error(Errc::unavailable,
                std::string("libvirt can't be loaded: ") + (reason != nullptr ? reason : library_name))
        .hint("install it: apt install libvirt0");
  }
  return library;
}

void* find_symbol(const char* name, bool of_qemu) {
  static void* const library = open_library(main_library);
  if (of_qemu) {
    static void* const more = open_library(qemu_library);
    if (void* symbol = ::dlsym(more, name)) return symbol;
  }
  void* symbol = ::dlsym(library, name);
  if (symbol == nullptr) {
    throw Error(Errc::unavailable, std::string("libvirt is too old: it has no function '") + name + "'")
        .hint("libvirt 9.0 or newer is needed");
  }
  return symbol;
}

// One static per function, since each instance of the template is named by the function that it stands for.
template <auto* Function>
auto real(const char* name) {
  static const auto function = reinterpret_cast<decltype(Function)>(find_symbol(name, false));
  return function;
}

// What only QEMU's driver has lies in a library beside.
template <auto* Function>
auto real_of_qemu(const char* name) {
  static const auto function = reinterpret_cast<decltype(Function)>(find_symbol(name, true));
  return function;
}

}  // namespace

extern "C" {

// Errors
virErrorPtr virGetLastError() { return real<virGetLastError>("virGetLastError")(); }
int virGetLastErrorCode() { return real<virGetLastErrorCode>("virGetLastErrorCode")(); }
void virSetErrorFunc(void* user, virErrorFunc handler) { real<virSetErrorFunc>("virSetErrorFunc")(user, handler); }

// Connections
virConnectPtr virConnectOpen(const char* uri) { return real<virConnectOpen>("virConnectOpen")(uri); }
int virConnectClose(virConnectPtr c) { return real<virConnectClose>("virConnectClose")(c); }
int virConnectGetLibVersion(virConnectPtr c, unsigned long* v) {
  return real<virConnectGetLibVersion>("virConnectGetLibVersion")(c, v);
}
char* virConnectGetCapabilities(virConnectPtr c) {
  return real<virConnectGetCapabilities>("virConnectGetCapabilities")(c);
}
char* virConnectGetDomainCapabilities(virConnectPtr c, const char* emulator, const char* arch, const char* machine,
                                      const char* type, unsigned flags) {
  return real<virConnectGetDomainCapabilities>("virConnectGetDomainCapabilities")(c, emulator, arch, machine, type,
                                                                                  flags);
}
int virConnectGetAllDomainStats(virConnectPtr c, unsigned stats, virDomainStatsRecordPtr** list, unsigned flags) {
  return real<virConnectGetAllDomainStats>("virConnectGetAllDomainStats")(c, stats, list, flags);
}
void virDomainStatsRecordListFree(virDomainStatsRecordPtr* list) {
  real<virDomainStatsRecordListFree>("virDomainStatsRecordListFree")(list);
}

// Domains
virDomainPtr virDomainLookupByName(virConnectPtr c, const char* name) {
  return real<virDomainLookupByName>("virDomainLookupByName")(c, name);
}
int virConnectListAllDomains(virConnectPtr c, virDomainPtr** list, unsigned flags) {
  return real<virConnectListAllDomains>("virConnectListAllDomains")(c, list, flags);
}
virDomainPtr virDomainDefineXMLFlags(virConnectPtr c, const char* xml, unsigned flags) {
  return real<virDomainDefineXMLFlags>("virDomainDefineXMLFlags")(c, xml, flags);
}
virDomainPtr virDomainCreateXML(virConnectPtr c, const char* xml, unsigned flags) {
  return real<virDomainCreateXML>("virDomainCreateXML")(c, xml, flags);
}
int virDomainFree(virDomainPtr d) { return real<virDomainFree>("virDomainFree")(d); }
const char* virDomainGetName(virDomainPtr d) { return real<virDomainGetName>("virDomainGetName")(d); }
int virDomainGetUUIDString(virDomainPtr d, char* text) {
  return real<virDomainGetUUIDString>("virDomainGetUUIDString")(d, text);
}
int virDomainGetState(virDomainPtr d, int* state, int* reason, unsigned flags) {
  return real<virDomainGetState>("virDomainGetState")(d, state, reason, flags);
}
int virDomainIsPersistent(virDomainPtr d) { return real<virDomainIsPersistent>("virDomainIsPersistent")(d); }
char* virDomainGetXMLDesc(virDomainPtr d, unsigned flags) {
  return real<virDomainGetXMLDesc>("virDomainGetXMLDesc")(d, flags);
}
int virDomainCreateWithFlags(virDomainPtr d, unsigned flags) {
  return real<virDomainCreateWithFlags>("virDomainCreateWithFlags")(d, flags);
}
int virDomainShutdown(virDomainPtr d) { return real<virDomainShutdown>("virDomainShutdown")(d); }
int virDomainReboot(virDomainPtr d, unsigned flags) { return real<virDomainReboot>("virDomainReboot")(d, flags); }
int virDomainDestroy(virDomainPtr d) { return real<virDomainDestroy>("virDomainDestroy")(d); }
int virDomainSuspend(virDomainPtr d) { return real<virDomainSuspend>("virDomainSuspend")(d); }
int virDomainResume(virDomainPtr d) { return real<virDomainResume>("virDomainResume")(d); }
int virDomainGetAutostart(virDomainPtr d, int* on) {
  return real<virDomainGetAutostart>("virDomainGetAutostart")(d, on);
}
int virDomainSetAutostart(virDomainPtr d, int on) {
  return real<virDomainSetAutostart>("virDomainSetAutostart")(d, on);
}
int virDomainHasManagedSaveImage(virDomainPtr d, unsigned flags) {
  return real<virDomainHasManagedSaveImage>("virDomainHasManagedSaveImage")(d, flags);
}
int virDomainSetMetadata(virDomainPtr d, int type, const char* metadata, const char* key, const char* uri,
                         unsigned flags) {
  return real<virDomainSetMetadata>("virDomainSetMetadata")(d, type, metadata, key, uri, flags);
}
int virDomainUndefineFlags(virDomainPtr d, unsigned flags) {
  return real<virDomainUndefineFlags>("virDomainUndefineFlags")(d, flags);
}
int virDomainBlockResize(virDomainPtr d, const char* disk, unsigned long long size, unsigned flags) {
  return real<virDomainBlockResize>("virDomainBlockResize")(d, disk, size, flags);
}
int virDomainInterfaceAddresses(virDomainPtr d, virDomainInterfacePtr** list, unsigned source, unsigned flags) {
  return real<virDomainInterfaceAddresses>("virDomainInterfaceAddresses")(d, list, source, flags);
}
void virDomainInterfaceFree(virDomainInterfacePtr i) { real<virDomainInterfaceFree>("virDomainInterfaceFree")(i); }
int virDomainListAllSnapshots(virDomainPtr d, virDomainSnapshotPtr** list, unsigned flags) {
  return real<virDomainListAllSnapshots>("virDomainListAllSnapshots")(d, list, flags);
}
const char* virDomainSnapshotGetName(virDomainSnapshotPtr s) {
  return real<virDomainSnapshotGetName>("virDomainSnapshotGetName")(s);
}
int virDomainSnapshotFree(virDomainSnapshotPtr s) { return real<virDomainSnapshotFree>("virDomainSnapshotFree")(s); }
int virDomainOpenConsole(virDomainPtr d, const char* device, virStreamPtr s, unsigned flags) {
  return real<virDomainOpenConsole>("virDomainOpenConsole")(d, device, s, flags);
}
int virDomainOpenChannel(virDomainPtr d, const char* name, virStreamPtr s, unsigned flags) {
  return real<virDomainOpenChannel>("virDomainOpenChannel")(d, name, s, flags);
}

char* virDomainQemuAgentCommand(virDomainPtr d, const char* command, int timeout, unsigned flags) {
  return real_of_qemu<virDomainQemuAgentCommand>("virDomainQemuAgentCommand")(d, command, timeout, flags);
}
int virDomainFSFreeze(virDomainPtr d, const char** places, unsigned count, unsigned flags) {
  return real<virDomainFSFreeze>("virDomainFSFreeze")(d, places, count, flags);
}
int virDomainFSThaw(virDomainPtr d, const char** places, unsigned count, unsigned flags) {
  return real<virDomainFSThaw>("virDomainFSThaw")(d, places, count, flags);
}
int virDomainBackupBegin(virDomainPtr d, const char* backup, const char* checkpoint, unsigned flags) {
  return real<virDomainBackupBegin>("virDomainBackupBegin")(d, backup, checkpoint, flags);
}
char* virDomainBackupGetXMLDesc(virDomainPtr d, unsigned flags) {
  return real<virDomainBackupGetXMLDesc>("virDomainBackupGetXMLDesc")(d, flags);
}
int virDomainGetJobStats(virDomainPtr d, int* type, virTypedParameterPtr* params, int* count, unsigned flags) {
  return real<virDomainGetJobStats>("virDomainGetJobStats")(d, type, params, count, flags);
}
int virDomainAbortJob(virDomainPtr d) { return real<virDomainAbortJob>("virDomainAbortJob")(d); }
void virTypedParamsFree(virTypedParameterPtr params, int count) {
  real<virTypedParamsFree>("virTypedParamsFree")(params, count);
}
int virTypedParamsGetULLong(virTypedParameterPtr params, int count, const char* name, unsigned long long* value) {
  return real<virTypedParamsGetULLong>("virTypedParamsGetULLong")(params, count, name, value);
}

// Networks
virNetworkPtr virNetworkLookupByName(virConnectPtr c, const char* name) {
  return real<virNetworkLookupByName>("virNetworkLookupByName")(c, name);
}
int virConnectListAllNetworks(virConnectPtr c, virNetworkPtr** list, unsigned flags) {
  return real<virConnectListAllNetworks>("virConnectListAllNetworks")(c, list, flags);
}
virNetworkPtr virNetworkDefineXMLFlags(virConnectPtr c, const char* xml, unsigned flags) {
  return real<virNetworkDefineXMLFlags>("virNetworkDefineXMLFlags")(c, xml, flags);
}
int virNetworkFree(virNetworkPtr n) { return real<virNetworkFree>("virNetworkFree")(n); }
const char* virNetworkGetName(virNetworkPtr n) { return real<virNetworkGetName>("virNetworkGetName")(n); }
int virNetworkIsActive(virNetworkPtr n) { return real<virNetworkIsActive>("virNetworkIsActive")(n); }
int virNetworkIsPersistent(virNetworkPtr n) { return real<virNetworkIsPersistent>("virNetworkIsPersistent")(n); }
char* virNetworkGetBridgeName(virNetworkPtr n) { return real<virNetworkGetBridgeName>("virNetworkGetBridgeName")(n); }
char* virNetworkGetXMLDesc(virNetworkPtr n, unsigned flags) {
  return real<virNetworkGetXMLDesc>("virNetworkGetXMLDesc")(n, flags);
}
int virNetworkGetAutostart(virNetworkPtr n, int* on) {
  return real<virNetworkGetAutostart>("virNetworkGetAutostart")(n, on);
}
int virNetworkSetAutostart(virNetworkPtr n, int on) {
  return real<virNetworkSetAutostart>("virNetworkSetAutostart")(n, on);
}
int virNetworkCreate(virNetworkPtr n) { return real<virNetworkCreate>("virNetworkCreate")(n); }
int virNetworkDestroy(virNetworkPtr n) { return real<virNetworkDestroy>("virNetworkDestroy")(n); }
int virNetworkUndefine(virNetworkPtr n) { return real<virNetworkUndefine>("virNetworkUndefine")(n); }
int virNetworkUpdate(virNetworkPtr n, unsigned command, unsigned section, int parent, const char* xml, unsigned flags) {
  return real<virNetworkUpdate>("virNetworkUpdate")(n, command, section, parent, xml, flags);
}
int virNetworkGetDHCPLeases(virNetworkPtr n, const char* mac, virNetworkDHCPLeasePtr** list, unsigned flags) {
  return real<virNetworkGetDHCPLeases>("virNetworkGetDHCPLeases")(n, mac, list, flags);
}
void virNetworkDHCPLeaseFree(virNetworkDHCPLeasePtr l) { real<virNetworkDHCPLeaseFree>("virNetworkDHCPLeaseFree")(l); }

// Storage pools
virStoragePoolPtr virStoragePoolLookupByName(virConnectPtr c, const char* name) {
  return real<virStoragePoolLookupByName>("virStoragePoolLookupByName")(c, name);
}
int virConnectListAllStoragePools(virConnectPtr c, virStoragePoolPtr** list, unsigned flags) {
  return real<virConnectListAllStoragePools>("virConnectListAllStoragePools")(c, list, flags);
}
virStoragePoolPtr virStoragePoolDefineXML(virConnectPtr c, const char* xml, unsigned flags) {
  return real<virStoragePoolDefineXML>("virStoragePoolDefineXML")(c, xml, flags);
}
int virStoragePoolFree(virStoragePoolPtr p) { return real<virStoragePoolFree>("virStoragePoolFree")(p); }
const char* virStoragePoolGetName(virStoragePoolPtr p) {
  return real<virStoragePoolGetName>("virStoragePoolGetName")(p);
}
int virStoragePoolIsActive(virStoragePoolPtr p) { return real<virStoragePoolIsActive>("virStoragePoolIsActive")(p); }
int virStoragePoolIsPersistent(virStoragePoolPtr p) {
  return real<virStoragePoolIsPersistent>("virStoragePoolIsPersistent")(p);
}
char* virStoragePoolGetXMLDesc(virStoragePoolPtr p, unsigned flags) {
  return real<virStoragePoolGetXMLDesc>("virStoragePoolGetXMLDesc")(p, flags);
}
int virStoragePoolGetInfo(virStoragePoolPtr p, virStoragePoolInfoPtr info) {
  return real<virStoragePoolGetInfo>("virStoragePoolGetInfo")(p, info);
}
int virStoragePoolGetAutostart(virStoragePoolPtr p, int* on) {
  return real<virStoragePoolGetAutostart>("virStoragePoolGetAutostart")(p, on);
}
int virStoragePoolSetAutostart(virStoragePoolPtr p, int on) {
  return real<virStoragePoolSetAutostart>("virStoragePoolSetAutostart")(p, on);
}
int virStoragePoolBuild(virStoragePoolPtr p, unsigned flags) {
  return real<virStoragePoolBuild>("virStoragePoolBuild")(p, flags);
}
int virStoragePoolCreate(virStoragePoolPtr p, unsigned flags) {
  return real<virStoragePoolCreate>("virStoragePoolCreate")(p, flags);
}
int virStoragePoolDestroy(virStoragePoolPtr p) { return real<virStoragePoolDestroy>("virStoragePoolDestroy")(p); }
int virStoragePoolUndefine(virStoragePoolPtr p) { return real<virStoragePoolUndefine>("virStoragePoolUndefine")(p); }
int virStoragePoolRefresh(virStoragePoolPtr p, unsigned flags) {
  return real<virStoragePoolRefresh>("virStoragePoolRefresh")(p, flags);
}
int virStoragePoolListAllVolumes(virStoragePoolPtr p, virStorageVolPtr** list, unsigned flags) {
  return real<virStoragePoolListAllVolumes>("virStoragePoolListAllVolumes")(p, list, flags);
}

// Storage volumes
virStorageVolPtr virStorageVolLookupByName(virStoragePoolPtr p, const char* name) {
  return real<virStorageVolLookupByName>("virStorageVolLookupByName")(p, name);
}
virStorageVolPtr virStorageVolLookupByPath(virConnectPtr c, const char* path) {
  return real<virStorageVolLookupByPath>("virStorageVolLookupByPath")(c, path);
}
virStorageVolPtr virStorageVolCreateXML(virStoragePoolPtr p, const char* xml, unsigned flags) {
  return real<virStorageVolCreateXML>("virStorageVolCreateXML")(p, xml, flags);
}
virStorageVolPtr virStorageVolCreateXMLFrom(virStoragePoolPtr p, const char* xml, virStorageVolPtr source,
                                            unsigned flags) {
  return real<virStorageVolCreateXMLFrom>("virStorageVolCreateXMLFrom")(p, xml, source, flags);
}
int virStorageVolFree(virStorageVolPtr v) { return real<virStorageVolFree>("virStorageVolFree")(v); }
const char* virStorageVolGetName(virStorageVolPtr v) { return real<virStorageVolGetName>("virStorageVolGetName")(v); }
char* virStorageVolGetPath(virStorageVolPtr v) { return real<virStorageVolGetPath>("virStorageVolGetPath")(v); }
char* virStorageVolGetXMLDesc(virStorageVolPtr v, unsigned flags) {
  return real<virStorageVolGetXMLDesc>("virStorageVolGetXMLDesc")(v, flags);
}
int virStorageVolGetInfoFlags(virStorageVolPtr v, virStorageVolInfoPtr info, unsigned flags) {
  return real<virStorageVolGetInfoFlags>("virStorageVolGetInfoFlags")(v, info, flags);
}
int virStorageVolResize(virStorageVolPtr v, unsigned long long capacity, unsigned flags) {
  return real<virStorageVolResize>("virStorageVolResize")(v, capacity, flags);
}
int virStorageVolDelete(virStorageVolPtr v, unsigned flags) {
  return real<virStorageVolDelete>("virStorageVolDelete")(v, flags);
}
int virStorageVolUpload(virStorageVolPtr v, virStreamPtr s, unsigned long long offset, unsigned long long length,
                        unsigned flags) {
  return real<virStorageVolUpload>("virStorageVolUpload")(v, s, offset, length, flags);
}
int virStorageVolDownload(virStorageVolPtr v, virStreamPtr s, unsigned long long offset, unsigned long long length,
                          unsigned flags) {
  return real<virStorageVolDownload>("virStorageVolDownload")(v, s, offset, length, flags);
}

// Streams
virStreamPtr virStreamNew(virConnectPtr c, unsigned flags) { return real<virStreamNew>("virStreamNew")(c, flags); }
int virStreamFree(virStreamPtr s) { return real<virStreamFree>("virStreamFree")(s); }
int virStreamSend(virStreamPtr s, const char* data, size_t size) {
  return real<virStreamSend>("virStreamSend")(s, data, size);
}
int virStreamSendHole(virStreamPtr s, long long length, unsigned flags) {
  return real<virStreamSendHole>("virStreamSendHole")(s, length, flags);
}
int virStreamRecv(virStreamPtr s, char* data, size_t size) {
  return real<virStreamRecv>("virStreamRecv")(s, data, size);
}
int virStreamFinish(virStreamPtr s) { return real<virStreamFinish>("virStreamFinish")(s); }
int virStreamAbort(virStreamPtr s) { return real<virStreamAbort>("virStreamAbort")(s); }

}  // extern "C"
