create or replace function audit.list_canonical(
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
set search_path = pg_catalog, pg_temp
as $function$
    select e.chain_id::text, e.event_seq, e.prev_hash,
           (extract(epoch from e.occurred_at at time zone 'UTC') * 1000000)::bigint,
           (extract(epoch from e.reported_at at time zone 'UTC') * 1000000)::bigint,
           e.actor, e.topic, e.event_name, e.payload::text, e.event_hash
      from audit.events as e
     where e.chain_id = p_chain_id
       and e.event_seq > p_after_seq
     order by e.event_seq
     limit p_limit;
$function$;

comment on function audit.list_canonical(uuid, bigint, integer) is
$$Events of a chain after a number, each field as the text or number that its hash is taken of
(occurred_us, reported_us: microseconds since 1970 UTC).$$;
