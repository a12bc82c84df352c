create or replace trigger _900_refuse_change before update or delete on ops.operator_actions
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ops.operator_actions
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ops.tokens
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ops.tokens
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ops.token_ends
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ops.token_ends
for each statement execute function core.tg_refuse_change();
create or replace trigger _900_refuse_change before update or delete on ops.token_uses
for each row execute function core.tg_refuse_change();
create or replace trigger _900_refuse_truncate before truncate on ops.token_uses
for each statement execute function core.tg_refuse_change();
