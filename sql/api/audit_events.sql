create or replace function api.audit_events(
    p_chain_id  uuid,
    p_after_seq bigint,
    p_limit     integer
)
returns table (
    chain_id    text,
    event_seq   bigint,
    prev_hash   text,
    occurred_us bigint,
    reported_us bigint,
    actor       text,
    topic       text,
    event_name  text,
    payload     text,
    event_hash  text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select e.chain_id, e.event_seq, e.prev_hash, e.occurred_us, e.reported_us, e.actor, e.topic,
           e.event_name, e.payload, e.event_hash
      from audit.list_canonical(p_chain_id, p_after_seq, least(greatest(p_limit, 1), 10000)) as e
     where audit.assert_chain(p_chain_id)
       and run.is_in_scope(
           session_user, (select c.engine_id from audit.chains as c where c.chain_id = p_chain_id));
$function$;

comment on function api.audit_events(uuid, bigint, integer) is
$$Events of a chain in the canonical form that their hashes are taken of: what mqk audit export writes.
Raises: MQN01.$$;
