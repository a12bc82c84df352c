create or replace function recon.find_defect(
    p_run      run.runs,
    p_document jsonb,
    p_now_at   timestamptz
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select case
        when jsonb_typeof(p_document -> 'orders') is distinct from 'array'
          or jsonb_typeof(p_document -> 'positions') is distinct from 'array' then 'MALFORMED'
        when p_document ->> 'source' is distinct from c.config #>> '{broker,name}'
            then 'OTHER_SOURCE'
        when coalesce(p_document ->> 'account_id', '') = '' then 'NO_ACCOUNT'
        when t.captured_at is null then 'NO_TIMESTAMP'
        when t.captured_at > p_now_at + interval '2 s' then 'FUTURE'
        when t.captured_at < p_now_at - l.max_age_ms * interval '1 ms' then 'TOO_OLD'
        when t.captured_at <= (select max(s.captured_at) from recon.snapshots as s
                                where s.run_id = p_run.run_id) then 'NOT_NEWER' end
      from recon.tolerances as l
      join run.configs as c on c.config_hash = p_run.config_hash
     cross join lateral (select recon.parse_captured_at(p_document) as captured_at) as t
     where l.run_id = p_run.run_id;
$function$;

comment on function recon.find_defect(run.runs, jsonb, timestamptz) is
$$Why a broker snapshot proves nothing, or null: MALFORMED, OTHER_SOURCE than the run's broker,
NO_ACCOUNT, NO_TIMESTAMP, FUTURE, TOO_OLD, NOT_NEWER than the last one that was compared.
Why: a frozen or replayed snapshot must not look like a fresh clean one.$$;
