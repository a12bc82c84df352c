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
          or jsonb_typeof(p_document -> 'positions') is distinct from 'array'
          or p_document ->> 'source' is null then 'orders, positions or source is missing'
        when c.captured_at is null then 'captured_at is not a time with an offset'
        when p_document ->> 'account_id' is distinct from p_run.account_id
            then 'it is of another account'
        when c.captured_at > p_now_at + interval '2 s' then 'it is from the future'
        when c.captured_at < p_now_at - l.max_age_ms * interval '1 ms' then 'it is too old'
        when c.captured_at < (select max(s.captured_at) from recon.snapshots as s
                               where s.run_id = p_run.run_id) then 'a newer one was seen' end
      from recon.tolerances as l
      cross join lateral (
        select core.parse_time(p_document ->> 'captured_at') as captured_at) as c
     where l.run_id = p_run.run_id;
$function$;

comment on function recon.find_defect(run.runs, jsonb, timestamptz) is
$$Why a broker snapshot proves nothing, or null: malformed, of another account, from the future, too
old, or older than one seen before.
Why: a frozen or replayed snapshot must not look like a fresh clean one.$$;
