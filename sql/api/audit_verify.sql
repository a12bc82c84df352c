create or replace function api.audit_verify()
returns table (
    chain_id      uuid,
    chain_kind    text,
    engine_id     text,
    events        bigint,
    head_hash     text,
    first_bad_seq bigint,
    finding       text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select c.chain_id, c.chain_kind, c.engine_id, c.last_seq, c.last_hash, v.event_seq, v.finding
      from audit.chains as c
      left join lateral (
        select b.event_seq, b.finding from audit.verify_chain(c.chain_id) as b limit 1) as v on true
     where run.is_in_scope(session_user, c.engine_id)
     order by c.chain_kind, c.engine_id, c.chain_id;
$function$;

comment on function api.audit_verify() is
$$Every chain with its first break, or null when it holds.$$;
