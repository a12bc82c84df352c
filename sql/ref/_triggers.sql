create or replace trigger _900_refuse_change before update or delete on ref.timeframes
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ref.timeframes
for each statement execute function core.tg_refuse_change();
