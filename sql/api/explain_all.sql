create or replace function api.explain_all(
    p_name text
)
returns table (
    at       timestamptz,
    step     text,
    detail   text,
    evidence text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.at, f.step, f.detail, f.evidence
      from ops.explain_any(p_name) as f;
$function$;

comment on function api.explain_all(text) is
$$Why an order, a fill or a run came about, and what became of it, step by step, each with its row.
Raises: MQN09.$$;
