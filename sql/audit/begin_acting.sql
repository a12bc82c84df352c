create or replace function audit.begin_acting(
    p_actor    text,
    p_token_id text,
    p_now_at   timestamptz
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    with begun as (
        insert into audit.actings (xact_id, login, actor, token_id, acted_at)
        values (pg_current_xact_id(), session_user, p_actor, p_token_id, p_now_at)
        returning acting_id
    )
    select set_config('mqk.acting', b.acting_id::text, true)
      from begun as b;
$function$;

comment on function audit.begin_acting(text, text, timestamptz) is
$$From here to the end of the transaction the session acts for p_actor (audit.get_actor).
Why: the setting is a hint that anybody may forge; the row, which only doors can write, is the fact.$$;
