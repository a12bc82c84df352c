-- Revert mqk:ledger/code from pg
-- built from sql/ledger by `make code`: edit there

begin;

set local role mqk_owner;

do $guard$
begin
    if to_regclass('run.runs') is not null then
        lock table run.runs in share mode;  -- nobody arms meanwhile
        if exists (select from run.runs as r where r.run_status in ('ARMED', 'RUNNING')) then
            raise sqlstate 'MQS19' using
                message = 'code is not changed under a run that is armed or running',
                hint = 'Stop the runs first: mqk run stop. Then deploy, and arm anew.';
        end if;
    end if;
end;
$guard$;

drop trigger _900_refuse_truncate on ledger.portfolios;
drop trigger _900_refuse_delete on ledger.portfolios;
drop trigger _900_refuse_truncate on ledger.positions;
drop trigger _900_refuse_truncate on ledger.lots;
drop trigger _500_match_lots on ledger.lots;
drop trigger _500_match_lots on ledger.positions;
drop trigger _900_refuse_truncate on ledger.equity_points;
drop trigger _900_refuse_truncate on ledger.lot_closes;
drop trigger _900_refuse_truncate on ledger.entries;
drop trigger _900_refuse_truncate on ledger.fills;
drop trigger _900_refuse_truncate on ledger.lot_splits;
drop trigger _900_refuse_change on ledger.lot_splits;
drop trigger _900_refuse_truncate on ledger.splits;
drop trigger _900_refuse_change on ledger.splits;
drop trigger _900_refuse_truncate on ledger.adjustments;
drop trigger _900_refuse_change on ledger.adjustments;
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
drop function ledger.pay_dividends(uuid, timestamptz);
drop function ledger.apply_action(uuid, md.corporate_actions, timestamptz);
drop function ledger.get_qty_at(uuid, text, timestamptz);
drop function ledger.list_due_actions(uuid, timestamptz);
drop function ledger.post_reversal(uuid, bigint, timestamptz, timestamptz);
drop function ledger.post_fill(uuid, text, text, text, text, bigint, bigint, bigint, boolean, bigint, timestamptz, timestamptz);
drop function ledger.post_entry(ledger.fills);
drop function ledger.append_entry(ledger.entries, bigint);
drop function ledger.carry_entry(ledger.entries, bigint);
drop function ledger.get_next_seq(uuid);
drop function ledger.is_newest_fill(ledger.fills);
drop function ledger.rematch_position(uuid, text);
drop function ledger.rematch_lots(uuid, text, bigint);
drop function ledger.split_lots(ledger.adjustments, bigint);
drop function ledger.list_lot_splits(ledger.lots[], bigint, bigint);
drop function ledger.match_lots(ledger.fills, bigint, bigint);
drop function ledger.compute_close_qty(bigint, bigint);
drop view ledger.standing_fills;
drop function ledger.open_portfolio(uuid, bigint, timestamptz);

commit;
