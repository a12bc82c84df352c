create or replace function core.is_on_tick(
    p_price_micros bigint
)
returns boolean
language sql
immutable
parallel safe
return p_price_micros between 1 and 1000000000000
       and p_price_micros % case when p_price_micros >= 1000000 then 10000 else 100 end = 0;

comment on function core.is_on_tick(bigint) is
$$Whether an order may have this price in micros: positive, at most a million, in whole cents from a dollar
on and in hundredths of a cent below; null for null.
Why: an exchange takes no finer price, and a broker refuses it.$$;
