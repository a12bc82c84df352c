create or replace function api.audit_tail(
    p_chain_id  uuid,
    p_after_seq bigint,
    p_limit     integer
)
returns table (
    chain_id    uuid,
    event_seq   bigint,
    occurred_at timestamptz,
    actor       text,
    topic       text,
    event_name  text,
    payload     jsonb,
    prev_hash   text,
    event_hash  text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select e.chain_id, e.event_seq, e.occurred_at, e.actor, e.topic, e.event_name, e.payload,
           e.prev_hash, e.event_hash
      from audit.events as e
     where e.chain_id = p_chain_id
       and e.event_seq > p_after_seq
       and audit.assert_chain(p_chain_id)
       and run.is_in_scope(
           session_user, (select c.engine_id from audit.chains as c where c.chain_id = p_chain_id))
     order by e.event_seq
     limit least(greatest(p_limit, 1), 10000);
$function$;

comment on function api.audit_tail(uuid, bigint, integer) is
$$Events of a chain (a run's chain has the run's id) after a sequence number.
Raises: MQN01.$$;
