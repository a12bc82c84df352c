create or replace trigger _900_refuse_change before update or delete on ledger.fills
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ledger.entries
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ledger.lot_closes
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ledger.equity_points
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on ledger.lots
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on ledger.positions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ledger.adjustments
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.adjustments
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ledger.splits
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.splits
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ledger.lot_splits
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.lot_splits
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.fills
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.entries
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.lot_closes
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.equity_points
for each statement execute function core.tg_refuse_change();
set local client_min_messages = warning;
drop trigger if exists _500_match_lots on ledger.positions;
create constraint trigger _500_match_lots after insert or update on ledger.positions
deferrable initially deferred
for each row execute function ledger.tg_positions__match_lots();
drop trigger if exists _500_match_lots on ledger.lots;
create constraint trigger _500_match_lots after insert or update on ledger.lots
deferrable initially deferred
for each row execute function ledger.tg_positions__match_lots();
create or replace trigger _900_refuse_truncate before truncate on ledger.lots
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.positions
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_delete before delete on ledger.portfolios
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ledger.portfolios
for each statement execute function core.tg_refuse_change();
