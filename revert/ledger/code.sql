-- Revert mqk:ledger/code from pg
-- built from sql/ledger by `make code`: edit there

begin;

set local role mqk_owner;

drop trigger _900_refuse_truncate on ledger.positions;
drop trigger _900_refuse_truncate on ledger.lots;
drop trigger _500_match_lots on ledger.lots;
drop trigger _500_match_lots on ledger.positions;
drop trigger _900_refuse_truncate on ledger.equity_points;
drop trigger _900_refuse_truncate on ledger.lot_closes;
drop trigger _900_refuse_truncate on ledger.entries;
drop trigger _900_refuse_truncate on ledger.fills;
drop trigger _900_refuse_delete on ledger.positions;
drop trigger _900_refuse_delete on ledger.lots;
drop trigger _900_refuse_change on ledger.equity_points;
drop trigger _900_refuse_change on ledger.lot_closes;
drop trigger _900_refuse_change on ledger.entries;
drop trigger _900_refuse_change on ledger.fills;
drop function ledger.tg_positions__match_lots();
drop function ledger.get_position_qty(uuid, text);
drop function ledger.record_equity(uuid, date, bigint, bigint, bigint, timestamptz);
drop function ledger.compute_exposure(uuid, jsonb);
drop function ledger.carry_entry(ledger.entries, text, bigint);
drop function ledger.post_fill(uuid, text, text, text, text, bigint, bigint, bigint, boolean, timestamptz, timestamptz);
drop function ledger.match_lots(uuid, bigint, text, bigint, bigint, timestamptz);
drop function ledger.open_portfolio(uuid, bigint, timestamptz);

commit;
