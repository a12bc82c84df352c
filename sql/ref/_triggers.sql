create or replace trigger _900_refuse_change before update or delete on ref.timeframes
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ref.timeframes
for each statement execute function core.tg_refuse_change();
create or replace trigger _100_follow_amendments before update or delete on ref.sessions
for each row execute function ref.tg_sessions__follow_amendments();
create or replace trigger _100_refuse_truncate before truncate on ref.sessions
for each statement execute function ref.tg_sessions__follow_amendments();
create or replace trigger _900_refuse_change before update or delete on ref.exchanges
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ref.exchanges
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ref.amendments
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ref.amendments
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ref.instruments
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ref.instruments
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ref.listings
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ref.listings
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ref.classifications
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ref.classifications
for each statement execute function core.tg_refuse_change();
