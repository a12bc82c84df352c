create or replace function api.audit_compare(
    p_engine_id text,
    p_anchors   jsonb,
    p_is_end    boolean
)
returns table (
    anchor_no bigint,
    chain_id  uuid,
    event_seq bigint,
    finding   text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.anchor_no, f.chain_id, f.event_seq, f.finding
      from audit.compare_anchors(p_engine_id, p_anchors, p_is_end) as f
     where run.is_in_scope(session_user, p_engine_id);
$function$;

comment on function api.audit_compare(text, jsonb, boolean) is
$$What the diary says against published anchors (lines of an anchor file, in their order; p_is_end: the last
ones); no row = nothing.$$;
