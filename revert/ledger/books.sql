-- Revert mqk:ledger/books from pg

begin;

set local role mqk_owner;

drop table ledger.equity_points;
drop table ledger.positions;
drop table ledger.lot_splits;
drop table ledger.splits;
drop table ledger.lot_closes;
drop table ledger.lots;
drop table ledger.portfolios;
drop table ledger.entries;
drop table ledger.adjustments;
drop table ledger.fills;

commit;
