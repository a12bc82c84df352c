create or replace function run.bind_account(
    p_engine_id  text,
    p_account_id text,
    p_now_at     timestamptz
)
returns void
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $function$
declare
    v_bound text;
begin
    insert into run.live_accounts (engine_id, account_id, bound_by, bound_at)
    values (p_engine_id, p_account_id, audit.get_actor(), p_now_at)
    on conflict do nothing;
    select string_agg(format('engine %s trades account %s', a.engine_id, a.account_id), ', ')
      into v_bound
      from run.live_accounts as a
     where (a.engine_id = p_engine_id or a.account_id = p_account_id)
       and (a.engine_id, a.account_id) <> (p_engine_id, p_account_id);
    perform core.assert_that(v_bound is null, 'MQS11', v_bound);
end;
$function$;

comment on function run.bind_account(text, text, timestamptz) is
$$Binds an engine and the account that it trades LIVE to each other, for good; doing it again does nothing.
Why: two engines in one account would take each other's positions for drift, or for their own.
Raises: MQS11 one of the two is bound to another.$$;
