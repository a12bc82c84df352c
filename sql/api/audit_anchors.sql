create or replace function api.audit_anchors(
    p_engine_id text,
    p_after_no  bigint,
    p_limit     integer
)
returns table (
    engine_id   text,
    anchor_no   bigint,
    prev_hash   text,
    chain_id    uuid,
    event_seq   bigint,
    event_hash  text,
    anchored_us bigint,
    reason      text,
    key_id      text,
    anchor_hash text,
    signature   text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select a.engine_id, a.anchor_no, a.prev_hash, a.chain_id, a.event_seq, a.event_hash,
           (extract(epoch from a.anchored_at) * 1000000)::bigint, a.reason, a.key_id, a.anchor_hash,
           a.signature
      from audit.anchors as a
     where a.engine_id = p_engine_id
       and a.anchor_no > p_after_no
       and run.is_in_scope(session_user, a.engine_id)
     order by a.anchor_no
     limit least(greatest(p_limit, 1), 10000);
$function$;

comment on function api.audit_anchors(text, bigint, integer) is
$$The anchors of an engine after a number, as the anchor file has them (anchored_us: microseconds since 1970
UTC).$$;
