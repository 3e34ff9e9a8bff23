#pragma once
// The structs that have a table of fields.

#include "manifest/field.hpp"
#include "model/document.hpp"

namespace vmtool::manifest {

template <>
const Table<model::VirtualMachine>& table<model::VirtualMachine>();
template <>
const Table<model::Firmware>& table<model::Firmware>();
template <>
const Table<model::DirectBoot>& table<model::DirectBoot>();
template <>
const Table<model::Cpu>& table<model::Cpu>();
template <>
const Table<model::CpuTopology>& table<model::CpuTopology>();
template <>
const Table<model::CpuFeature>& table<model::CpuFeature>();
template <>
const Table<model::Memory>& table<model::Memory>();
template <>
const Table<model::Graphics>& table<model::Graphics>();
template <>
const Table<model::Console>& table<model::Console>();
template <>
const Table<model::Rng>& table<model::Rng>();
template <>
const Table<model::CloudInit>& table<model::CloudInit>();
template <>
const Table<model::SshKey>& table<model::SshKey>();
template <>
const Table<model::NetworkConfig>& table<model::NetworkConfig>();
template <>
const Table<model::XmlEdit>& table<model::XmlEdit>();

template <>
const Table<model::Disk>& table<model::Disk>();
template <>
const Table<model::Interface>& table<model::Interface>();

template <>
const Table<model::Network>& table<model::Network>();
template <>
const Table<model::Forward>& table<model::Forward>();
template <>
const Table<model::Bridge>& table<model::Bridge>();
template <>
const Table<model::NetworkDomain>& table<model::NetworkDomain>();
template <>
const Table<model::NetworkAddress>& table<model::NetworkAddress>();
template <>
const Table<model::Dhcp>& table<model::Dhcp>();
template <>
const Table<model::DhcpRange>& table<model::DhcpRange>();
template <>
const Table<model::DhcpHost>& table<model::DhcpHost>();
template <>
const Table<model::Dns>& table<model::Dns>();
template <>
const Table<model::DnsForwarder>& table<model::DnsForwarder>();
template <>
const Table<model::DnsHost>& table<model::DnsHost>();

template <>
const Table<model::Volume>& table<model::Volume>();
template <>
const Table<model::Image>& table<model::Image>();

}  // namespace vmtool::manifest
