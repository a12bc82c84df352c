-- Revert mqk:ops/tokens from pg

begin;

set local role mqk_owner;

drop table ops.token_uses;
drop table ops.token_ends;
drop table ops.tokens;

commit;
