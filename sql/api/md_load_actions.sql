create or replace function api.md_load_actions(
    p_source        text,
    p_source_sha256 text,
    p_rows          jsonb,
    p_now_at        timestamptz
)
returns table (
    action_id   uuid,
    symbol      text,
    action_kind text,
    ex_on       date,
    terms       text,
    is_new      boolean,
    stands      boolean
)
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.action_id, f.symbol, f.action_kind, f.ex_on, f.terms, f.is_new, f.stands
      from md.load_actions(p_source, p_source_sha256, p_rows, p_now_at) as f;
$function$;

comment on function api.md_load_actions(text, text, jsonb, timestamptz) is
$$Stores announced splits and cash dividends, all of a batch or none.
Raises: MQA01; MQA05; MQA40; MQN11.$$;
