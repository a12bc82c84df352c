-- Revert mqk:oms/outbox from pg

begin;

set local role mqk_owner;

alter table oms.outbox drop constraint outbox_status_is_the_last_of_its_history;
alter table oms.absence_proofs drop constraint absence_proofs_attempt_fkey;
drop table oms.broker_map;
drop table oms.absence_misses;
drop table oms.permits;
drop table oms.attempts;
drop table oms.absence_proofs;
drop table oms.outbox_history;
drop table oms.outbox;
drop table oms.outbox_moves;

commit;
