create or replace function run.claim_anchor(
    p_run_id   uuid,
    p_file_end jsonb,
    p_key_id   text,
    p_now_at   timestamptz
)
returns table (
    is_signed boolean,
    anchor    jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.is_signed, f.anchor
      from run.runs as r
      cross join lateral (select run.clamp_now(p_run_id, p_now_at) as now_at) as n
      cross join lateral audit.claim_anchor(
           r.engine_id, p_file_end, p_key_id,
           (select max(s.closes_at)
              from ref.sessions as s
             where s.closes_at <= n.now_at
               and s.session_on between (n.now_at at time zone 'UTC')::date - 7
                                    and (n.now_at at time zone 'UTC')::date + 1), n.now_at) as f
     where r.run_id = p_run_id;
$function$;

comment on function run.claim_anchor(uuid, jsonb, text, timestamptz) is
$$The next anchor of the run's engine (audit.claim_anchor), with the last close of any exchange.
Raises: MQG66.$$;
