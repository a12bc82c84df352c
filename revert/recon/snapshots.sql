-- Revert mqk:recon/snapshots from pg

begin;

set local role mqk_owner;

drop table recon.repairs;
drop table recon.drifts;
drop table recon.comparisons;
drop table recon.refusals;
drop table recon.snapshots;
drop table recon.tolerances;
drop table recon.broker_statuses;
drop table recon.drift_kinds;

commit;
