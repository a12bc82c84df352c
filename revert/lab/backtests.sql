-- Revert mqk:lab/backtests from pg

begin;

set local role mqk_owner;

drop type lab.lot_queue;
drop type lab.terms;
drop table lab.adjustments;
drop table lab.flows;
drop table lab.curves;
drop table lab.closes;
drop table lab.fills;
drop table lab.denials;
drop table lab.moved_stops;
drop table lab.orders;
drop table lab.signals;
drop table lab.backtests;
drop table lab.splits;
drop table lab.packs;
drop table lab.datasets;

commit;
